import Foundation

/// The module table read from Package.swift, and the Swift files of each module. Reads text only: it decides what is
/// listed, the tests decide what is allowed.
struct ModuleTable {
    struct Module {
        let layer: Int
        let name: String
        let dependencies: Set<String>
    }

    struct SourceFile {
        let module: String
        /// Relative to the package's root.
        let path: String
        let lines: [Substring]
    }

    let root: URL
    let modules: [Module]
    let executables: [(name: String, dependencies: Set<String>)]
    let systemLibraries: Set<String>
    let files: [SourceFile]

    init(root: URL) throws {
        self.root = root
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        modules = manifest.matches(of: #/^    \((\d+), "(\w+)", \[([^\]]*)\]\)/#.anchorsMatchLineEndings()).map {
            Module(layer: Int($0.1)!, name: String($0.2), dependencies: Self.names(in: $0.3))
        }
        let section = manifest.split(separator: "let executables").last?.split(separator: "let tests").first ?? ""
        executables = section.matches(of: #/\("([\w-]+)", \[([^\]]*)\]\)/#).map {
            (name: String($0.1), dependencies: Self.names(in: $0.2))
        }
        let libraries = manifest.firstMatch(of: #/targets: \[([^\]]*)\]\.map/#)
        systemLibraries = libraries.map { Self.names(in: $0.1) } ?? []
        files = try Self.sources(under: root)
    }

    /// Read once: every test looks at the same files.
    static let here = Result {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        return try ModuleTable(root: tests.deletingLastPathComponent().deletingLastPathComponent())
    }

    private static func names(in list: Substring) -> Set<String> {
        Set(list.matches(of: #/"([\w-]+)"/#).map { String($0.1) })
    }

    private static func sources(under root: URL) throws -> [SourceFile] {
        let sources = root.appending(path: "Sources")
        var files: [SourceFile] = []
        for module in try FileManager.default.contentsOfDirectory(atPath: sources.path()) {
            let folder = sources.appending(path: module)
            guard let inside = FileManager.default.enumerator(atPath: folder.path()) else { continue }
            for case let path as String in inside where path.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                // By bytes: splitting by characters takes seconds in a debug build.
                let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
                files.append(SourceFile(module: module, path: "Sources/\(module)/\(path)", lines: lines))
            }
        }
        return files.sorted { $0.path < $1.path }
    }
}

extension ModuleTable.SourceFile {
    private static var importLine: Regex<(Substring, Substring)> {
        #/^\s*(?:@\w+(?:\([^)]*\))? +)*(?:\w+ )?import +(?:(?:struct|class|enum|func|protocol|typealias|var|let) +)?(\w+)/#
    }

    /// The modules this file imports, with the line number of each.
    var imports: [(line: Int, module: String)] {
        lines.enumerated().compactMap { number, line in
            guard line.utf8.count < 200, line.contains("import ") else { return nil }
            guard let match = line.firstMatch(of: Self.importLine) else { return nil }
            return (number + 1, String(match.1))
        }
    }
}
