import Testing
import CSystem
import Glibc
import Platform

/// A directory of its own for one test, removed when the value goes.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/etcd-test-XXXXXX".utf8CString)
        path = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe mkdtemp(buffer.baseAddress!) == nil ? "" : unsafe String(cString: buffer.baseAddress!)
        }
        try #require(!path.isEmpty)
    }

    deinit { try? Files.removeTree(path) }
}
