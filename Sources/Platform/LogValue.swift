import Base

/// The value of a field of a log line. Literals stand for themselves: `["path": "/var", "count": 3]`.
package enum LogValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case bool(Bool)
    case strings([String])
    /// Printed in Go's notation: "1m30s".
    case interval(Interval)

    package static func int(_ value: Int) -> LogValue { .int(Int64(value)) }

    /// An error by its description.
    package static func error(_ error: any Error) -> LogValue { .string(String(describing: error)) }

    /// A member, cluster or lease id, in hexadecimal.
    package static func hex(_ value: UInt64) -> LogValue { .string(String(value, radix: 16)) }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: String...) { self = .strings(elements) }
}
