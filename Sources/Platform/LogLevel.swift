/// How much a log line matters; names as etcd's.
package enum LogLevel: UInt8, Comparable, Sendable, CaseIterable {
    case debug, info, warn, error, panic, fatal

    package var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        case .panic: "panic"
        case .fatal: "fatal"
        }
    }

    package init?(name: String) {
        guard let level = LogLevel.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}
