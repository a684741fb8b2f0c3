import Foundation
import Testing

/// `Client` is what programs are written against: its public symbols say what they mean.
@Suite struct DocumentationTests {
    @Test func `every public symbol of the client has a comment of its own`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appendingPathComponent("Sources/Client")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        #expect(files.count > 10)
        for file in files {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
            for (number, line) in lines.enumerated() where line.hasPrefix("public ") {
                let above = lines[..<number].last { !$0.hasPrefix("@") }
                #expect(above?.hasPrefix("///") == true, "\(file):\(number + 1): \(line)")
            }
        }
    }
}
