import CSystem
import Glibc

/// A file operation that failed: which, on what path, and why.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package var operation: String
    package var path: String
    /// The system's error number; 0 when a read or write came back short.
    package var code: Int32

    package init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// Of the system call that has just failed. A bad descriptor or address is our own bug.
    static func last(_ operation: String, _ path: String) -> FileError {
        let code = errno
        precondition(code != EBADF && code != EFAULT, "\(operation) \(path)")
        return FileError(operation, path, code: code)
    }

    package var isNotFound: Bool { code == ENOENT }
    package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

    /// The system's words for the error number.
    package var reason: String {
        guard code != 0, let words = unsafe strerror(code) else { return "unexpected end of file" }
        return unsafe String(cString: words)
    }

    package var description: String {
        let advice: String
        switch code {
        case ENOSPC, EDQUOT: advice = " Free space on this file system."
        case EACCES, EPERM: advice = " Let the user that runs this program own the directory and be able to write it."
        case EROFS: advice = " The file system is read-only; mount it writable or choose another data directory."
        case EIO: advice = " The disk or its driver reports a fault; look at the kernel log."
        case EMFILE, ENFILE: advice = " Raise the limit of open files."
        default: advice = ""
        }
        return "could not \(operation) \(path): \(reason).\(advice)"
    }
}
