import Base
import Glibc
import Synchronization

/// Where log lines go. Each line is one write(2), so that lines of several threads do not mix.
package enum LogOutput: Sendable {
    /// A descriptor that stays open as long as the process.
    case descriptor(Int32)
    /// For tests.
    case memory(LogCollector)

    package static var standardError: LogOutput { .descriptor(2) }
    package static var standardOutput: LogOutput { .descriptor(1) }

    /// What `--log-outputs` names: "default" and "stderr", "stdout", "/dev/null", or a file, to which lines are appended.
    package init(named name: String) throws(LogOutputError) {
        switch name {
        case "default", "stderr", "systemd/journal": self = .standardError
        case "stdout": self = .standardOutput
        default:
            let descriptor = unsafe open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw LogOutputError(path: name, errno: errno) }
            self = .descriptor(descriptor)
        }
    }

    /// A line that cannot be written is lost: there is nobody to tell.
    func write(_ line: RawSpan) {
        switch self {
        case .memory(let collector): collector.append(line)
        case .descriptor(let descriptor):
            var written = 0
            while written < line.byteCount {
                let rest = line._extracting(unchecked: written, count: line.byteCount - written)
                let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count > 0 { written += count } else if errno != EINTR { return }
            }
        }
    }
}

package struct LogOutputError: Error, CustomStringConvertible {
    let path: String
    let errno: Int32
    package var description: String { "cannot open log output \"\(path)\": \(unsafe String(cString: strerror(errno)))" }
}

/// Log lines kept in memory.
package final class LogCollector: Sendable {
    private let kept = Mutex<[String]>([])

    package init() {}

    package var lines: [String] { kept.withLock { $0 } }

    package func contains(_ part: String) -> Bool { lines.contains { $0.contains(part) } }

    func append(_ line: RawSpan) {
        let text = String(decoding: line.array, as: UTF8.self)
        kept.withLock { $0.append(text) }
    }
}
