import CommandLine
import Glibc

/// What the tool does with the process's own streams and environment, beyond `StandardStreams`.
enum Terminal {
    static func print(_ text: String) { StandardStreams.output(text) }
    static func print(_ bytes: [UInt8]) { StandardStreams.write(bytes, to: 1) }
    static func error(_ text: String) { StandardStreams.error(text) }

    /// Columns of the terminal that standard output is; nil when it is none.
    static var columns: Int? {
        var size = winsize()
        guard StandardStreams.isTerminal(1), unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// A piece of standard input as it comes; empty at its end.
    static func readPiece() -> [UInt8] {
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe room.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            return Array(room.prefix(max(0, count)))
        }
    }

    /// Asks for a password on the terminal, which shows nothing of it.
    static func askPassword() -> String {
        print("Password: ")
        var shown = termios()
        let isTerminal = unsafe tcgetattr(0, &shown) == 0
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        if isTerminal { unsafe _ = tcsetattr(0, TCSANOW, &hidden) }
        let typed = readPiece().prefix { $0 != UInt8(ascii: "\n") }
        if isTerminal { unsafe _ = tcsetattr(0, TCSANOW, &shown) }
        print("\n")
        return String(decoding: typed, as: UTF8.self)
    }
}
