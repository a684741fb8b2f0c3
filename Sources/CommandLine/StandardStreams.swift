import Glibc

/// The process's own output, without buffering of our own: what is printed is there when the process ends in any way.
package enum StandardStreams {
    package static let output: @Sendable (String) -> Void = { write(Array($0.utf8), to: 1) }
    package static let error: @Sendable (String) -> Void = { write(Array($0.utf8), to: 2) }

    package static func outputLine(_ text: String) { output(text.hasSuffix("\n") ? text : text + "\n") }
    package static func errorLine(_ text: String) { error(text.hasSuffix("\n") ? text : text + "\n") }

    package static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var position = 0
        while position < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { rest in
                unsafe Glibc.write(descriptor, rest.baseAddress.unsafelyUnwrapped + position, rest.count - position)
            }
            if count < 0, errno == EINTR { continue }
            // A reader that has gone wants no more.
            guard count > 0 else { return }
            position += count
        }
    }

    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// All of standard input.
    package static func readInput() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }
}
