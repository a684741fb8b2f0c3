import Foundation
import Testing

/// The module table of ARCHITECTURE §3 is the law of who may know whom.
@Suite struct ModuleTableTests {
    let table: ModuleTable

    /// Comes with the toolchain; everything else a module imports must be in the table.
    static let toolchain: Set<String> = ["Swift", "Synchronization", "Builtin", "_Builtin_float"]

    init() throws { table = try ModuleTable.here.get() }

    @Test func `the table is found in the manifest`() {
        #expect(table.modules.count >= 12)
        #expect(table.executables.contains { $0.name == "etcd" })
        #expect(table.systemLibraries.contains("CNGHTTP2"))
        #expect(table.files.count > 50)
    }

    @Test func `a module depends only on modules of its own or a lower layer, and on none that depends on it`() {
        let layers = Dictionary(uniqueKeysWithValues: table.modules.map { ($0.name, $0.layer) })
        let order = Dictionary(uniqueKeysWithValues: table.modules.enumerated().map { ($1.name, $0) })
        for module in table.modules {
            for dependency in module.dependencies where !table.systemLibraries.contains(dependency) {
                guard let layer = layers[dependency], let place = order[dependency] else {
                    Issue.record("\(module.name) depends on \(dependency), which the table doesn't list")
                    continue
                }
                #expect(layer <= module.layer, "\(module.name) is below \(dependency)")
                #expect(place < order[module.name]!, "\(dependency) is listed after \(module.name), which depends on it")
            }
        }
    }

    @Test func `a file imports only what the table gives its module`() {
        var allowed = Dictionary(uniqueKeysWithValues: table.modules.map { ($0.name, $0.dependencies) })
        for executable in table.executables { allowed[executable.name] = executable.dependencies }
        for file in table.files {
            guard let dependencies = allowed[file.module] else {
                Issue.record("\(file.path) is in no module of the table")
                continue
            }
            for (line, module) in file.imports where !Self.toolchain.contains(module) {
                // The C library itself is for those who may call the system, and for the tool that we don't ship.
                if module == "Glibc", dependencies.contains("CSystem") || file.module == "wire-generator" { continue }
                #expect(dependencies.contains(module), "\(file.path):\(line) imports \(module)")
            }
        }
    }

    @Test func `no source links Foundation`() {
        for file in table.files {
            for (line, module) in file.imports where module == "Foundation" {
                Issue.record("\(file.path):\(line) imports Foundation, which costs tens of MB in a static executable")
            }
        }
    }

    @Test func `only Client has public declarations`() {
        for file in table.files where file.module != "Client" && !table.executables.contains(where: { $0.name == file.module }) {
            for (number, line) in file.lines.enumerated() where line.contains("public ") {
                let declares = line.firstMatch(of: #/^\s*(?:@\S+ +)*public /#) != nil
                #expect(!declares, "\(file.path):\(number + 1): \(line)")
            }
        }
    }

    @Test func `no file is longer than 800 lines, but for generated ones`() {
        for file in table.files where !file.path.contains("/Generated/") {
            #expect(file.lines.count <= 800, "\(file.path) has \(file.lines.count) lines and wants splitting")
        }
    }

    @Test func `the package has no dependencies`() throws {
        let manifest = try String(contentsOf: table.root.appending(path: "Package.swift"), encoding: .utf8)
        #expect(!manifest.contains(".package("))
    }
}
