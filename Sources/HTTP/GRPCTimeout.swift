import Base

/// The value of grpc-timeout: at most eight digits and a unit; nil when malformed.
func parseGRPCTimeout(_ value: RawSpan) -> Interval? {
    let count = value.byteCount
    guard count >= 2, count <= 9 else { return nil }
    var number: Int64 = 0
    for index in 0..<(count - 1) {
        let digit = value.byte(at: index) &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        number = number * 10 + Int64(digit)
    }
    switch value.byte(at: count - 1) {
    case UInt8(ascii: "H"): return .seconds(number).scaled(by: 3600)
    case UInt8(ascii: "M"): return .seconds(number).scaled(by: 60)
    case UInt8(ascii: "S"): return .seconds(number)
    case UInt8(ascii: "m"): return .milliseconds(number)
    case UInt8(ascii: "u"): return .microseconds(number)
    case UInt8(ascii: "n"): return .nanoseconds(number)
    default: return nil
    }
}
