import CSystem

/// A system call that failed: which one, on what, and why. The environment's failure, for the caller to report or to act on.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    /// What it was called on (an address, a path); may be empty.
    package let subject: String
    /// The error number.
    package let code: Int32

    package init(_ call: String, _ subject: String = "", code: Int32) {
        self.call = call
        self.subject = subject
        self.code = code
    }

    /// The failure that the last system call of this thread reported.
    package static func last(_ call: String, _ subject: String = "") -> SystemError {
        SystemError(call, subject, code: csystem_errno())
    }

    package var reason: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    package var description: String {
        subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }
}

/// Repeats `body` while a signal interrupts it. Our own mistakes (a closed descriptor, a bad address) trap: going on would
/// act on somebody else's file.
@inline(__always)
func retryingInterrupted(_ body: () -> Int) -> Int {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = csystem_errno()
        if code == EINTR { continue }
        precondition(code != EBADF && code != EFAULT, "system call on a bad descriptor or address")
        return result
    }
}
