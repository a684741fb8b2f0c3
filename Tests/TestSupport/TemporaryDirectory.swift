import CSystem
import Glibc
import Platform

/// A directory of its own for one test, removed when the value goes.
package final class TemporaryDirectory {
    package let path: String

    package init() throws {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/etcd-test-XXXXXX".utf8CString)
        path = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe mkdtemp(buffer.baseAddress!) == nil ? "" : unsafe String(cString: buffer.baseAddress!)
        }
        if path.isEmpty { throw FileError("create a directory in", base, code: errno) }
    }

    deinit { try? Files.removeTree(path) }
}
