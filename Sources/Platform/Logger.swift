import Base
import CSystem
import Glibc
import Synchronization

/// Writes log lines of a level and above to its outputs. Immutable; any thread may use it.
///
///     log.info("opened the write-ahead log", ["path": "\(path)", "took": .interval(took)])
///
/// A line below the level costs a comparison: neither message nor fields are evaluated.
package struct Logger: Sendable {
    package let level: LogLevel
    private let format: LogFormat
    private let outputs: [LogOutput]

    package init(level: LogLevel = .info, format: LogFormat = .json, outputs: [LogOutput] = [.standardError]) {
        self.level = level
        self.format = format
        self.outputs = outputs
    }

    /// Lines to nowhere.
    package static var silent: Logger { Logger(level: .fatal, outputs: []) }

    private static let installed = Mutex(Logger())

    /// The logger for code that was not handed one; JSON of level info to standard error until `bootstrap`.
    package static var standard: Logger { installed.withLock { $0 } }

    /// Makes this the standard logger. Once, at start-up.
    package static func bootstrap(_ logger: Logger) { installed.withLock { $0 = logger } }

    package func isEnabled(_ level: LogLevel) -> Bool { level >= self.level }

    package func debug(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:],
        file: String = #fileID, line: Int = #line
    ) {
        if isEnabled(.debug) { write(.debug, message(), fields(), file, line) }
    }

    package func info(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:],
        file: String = #fileID, line: Int = #line
    ) {
        if isEnabled(.info) { write(.info, message(), fields(), file, line) }
    }

    package func warn(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:],
        file: String = #fileID, line: Int = #line
    ) {
        if isEnabled(.warn) { write(.warn, message(), fields(), file, line) }
    }

    package func error(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:],
        file: String = #fileID, line: Int = #line
    ) {
        if isEnabled(.error) { write(.error, message(), fields(), file, line) }
    }

    /// Logs, and ends the process with status 1.
    package func fatal(
        _ message: String, _ fields: KeyValuePairs<String, LogValue> = [:], file: String = #fileID, line: Int = #line
    ) -> Never {
        write(.fatal, message, fields, file, line)
        exit(1)
    }

    private func write(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, LogValue>, _ file: String, _ line: Int) {
        var out = ByteBuffer(capacity: 512)
        let line = LogLine(level: level, message: message, fields: fields, file: file, line: line)
        format.append(line, microseconds: Logger.wallMicroseconds(), to: &out)
        for output in outputs { output.write(out.span) }
    }

    private static func wallMicroseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
