/// Reads the value of the field whose name was just read; nil for null.
extension JSONReader {
    package mutating func uint64() throws(JSONError) -> UInt64? {
        guard let number = try integer("an unsigned 64-bit integer") else { return nil }
        guard !number.isNegative else { throw mismatch("an unsigned 64-bit integer") }
        return number.magnitude
    }

    package mutating func int64() throws(JSONError) -> Int64? {
        guard let number = try integer("a 64-bit integer") else { return nil }
        if number.isNegative {
            guard number.magnitude <= 1 << 63 else { throw mismatch("a 64-bit integer") }
            return Int64(truncatingIfNeeded: 0 &- number.magnitude)
        }
        guard let value = Int64(exactly: number.magnitude) else { throw outOfRange("a 64-bit integer") }
        return value
    }

    package mutating func uint32() throws(JSONError) -> UInt32? {
        guard let number = try integer("an unsigned 32-bit integer") else { return nil }
        guard !number.isNegative, let value = UInt32(exactly: number.magnitude) else { throw outOfRange("an unsigned 32-bit integer") }
        return value
    }

    package mutating func bool() throws(JSONError) -> Bool? {
        switch try peek() {
        case UInt8(ascii: "t"):
            try literal("true")
            return true
        case UInt8(ascii: "f"):
            try literal("false")
            return false
        default:
            guard try null() else { throw mismatch("true or false") }
            return nil
        }
    }

    package mutating func string() throws(JSONError) -> String? {
        guard let bytes = try stringBytes("a string") else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    package mutating func bytes() throws(JSONError) -> [UInt8]? {
        let start = position
        guard let text = try stringBytes("base64 text") else { return nil }
        guard let bytes = Base64.decode(text) else {
            throw .badValue(field: String(decoding: fieldName, as: UTF8.self), expected: "base64 text", at: start)
        }
        return bytes
    }

    /// A name or a number. Nil for null and for an unknown name: the gateway leaves the field unset.
    package mutating func enumeration<E: OpenEnum>() throws(JSONError) -> E? {
        switch try peek() {
        case UInt8(ascii: "n"):
            try literal("null")
            return nil
        case UInt8(ascii: "\""): return E(name: String(decoding: try rawString(), as: UTF8.self))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            guard let number = try integer("an enumeration value"), let magnitude = Int64(exactly: number.magnitude),
                let value = Int32(exactly: number.isNegative ? -magnitude : magnitude)
            else { throw outOfRange("an enumeration value") }
            return E(rawValue: value)
        default: throw mismatch("an enumeration value")
        }
    }

    package mutating func message<M: WireMessage>() throws(JSONError) -> M? {
        if try null() { return nil }
        guard try peek() == UInt8(ascii: "{") else { throw mismatch("an object") }
        var message = M()
        try message.readJSON(&self)
        return message
    }

    package mutating func read(list: inout [UInt64]) throws(JSONError) {
        guard try beginList() else { return }
        while try nextElement() { list.append(try required(try uint64())) }
    }

    package mutating func read(list: inout [String]) throws(JSONError) {
        guard try beginList() else { return }
        while try nextElement() { list.append(try required(try string())) }
    }

    package mutating func read(list: inout [[UInt8]]) throws(JSONError) {
        guard try beginList() else { return }
        while try nextElement() { list.append(try required(try bytes())) }
    }

    package mutating func read<E: OpenEnum>(list: inout [E]) throws(JSONError) {
        guard try beginList() else { return }
        while try nextElement() {
            guard try peek() != UInt8(ascii: "n") else { throw mismatch("an enumeration value") }
            if let value: E = try enumeration() { list.append(value) }
        }
    }

    package mutating func read<M: WireMessage>(list: inout [M]) throws(JSONError) {
        guard try beginList() else { return }
        while try nextElement() { list.append(try required(try message())) }
    }

    private func required<T>(_ value: T?) throws(JSONError) -> T {
        guard let value else {
            throw .badValue(field: String(decoding: fieldName, as: UTF8.self), expected: "a value, not null", at: position)
        }
        return value
    }

    private func outOfRange(_ expected: String) -> JSONError {
        .badValue(field: String(decoding: fieldName, as: UTF8.self), expected: expected, at: position)
    }

    private mutating func stringBytes(_ expected: String) throws(JSONError) -> [UInt8]? {
        if try null() { return nil }
        guard try peek() == UInt8(ascii: "\"") else { throw mismatch(expected) }
        return try rawString()
    }

    private mutating func integer(_ expected: String) throws(JSONError) -> ExactInteger? {
        let text: [UInt8]
        switch try peek() {
        case UInt8(ascii: "n"):
            try literal("null")
            return nil
        case UInt8(ascii: "\""): text = try rawString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): text = try numberText()
        default: throw mismatch(expected)
        }
        guard let number = ExactInteger(text) else { throw outOfRange(expected) }
        return number
    }
}
