import Base

/// Reads protobuf JSON as etcd's gateway (3.6) does: both forms of field names, unknown fields and unknown enumeration names
/// ignored, null for "not set", integers as numbers or strings, exact floats for integers.
///
/// Values are read one at a time; a method of a value gives nil for null. Recursion and input size are bounded.
package struct JSONReader: ~Copyable {
    private let text: [UInt8]
    private(set) var position: Int
    private var depth = 0
    /// Whether an object or list was just opened, so that no comma precedes its next element.
    private var atStart = false
    /// The field being read, for messages.
    private(set) var fieldName: [UInt8] = []

    package static var depthMax: Int { 100 }
    package static var bytesMax: Int { 64 << 20 }

    package init(_ span: RawSpan, from position: Int = 0) throws(JSONError) {
        guard span.byteCount <= JSONReader.bytesMax else { throw .tooLong }
        text = span.array
        self.position = position
    }

    /// The message that comes next.
    mutating func value<M: WireMessage>(into message: inout M) throws(JSONError) {
        guard try peek() == UInt8(ascii: "{") else { throw mismatch("an object") }
        try message.readJSON(&self)
    }

    /// The whole text as one message.
    mutating func document<M: WireMessage>(into message: inout M) throws(JSONError) {
        try value(into: &message)
        skipBlanks()
        if position < text.count { throw .syntax(found: text[position], expected: "after top-level value", at: position) }
    }

    // Objects and lists

    /// Opens an object. Nested objects of a message are read by the message's own `readJSON`.
    package mutating func open() throws(JSONError) {
        try begin(UInt8(ascii: "{"), "an object")
    }

    /// The next known field's position in `names`; nil at the object's end. Unknown fields are stepped over. `seen` has a
    /// bit for every field that was there before.
    package mutating func next(_ names: StaticString, _ seen: inout UInt64) throws(JSONError) -> Int? {
        let table = NameTable(names)
        while true {
            guard let name = try nextName() else { return nil }
            guard let field = table.field(name) else {
                try skipValue()
                continue
            }
            fieldName = name
            guard seen & 1 << UInt64(field) == 0 else { throw duplicate() }
            seen |= 1 << UInt64(field)
            return field
        }
    }

    /// Fails if another field of the same oneof was set before.
    package func oneof(isSet: Bool) throws(JSONError) {
        if isSet { throw duplicate() }
    }

    private func duplicate() -> JSONError {
        .duplicateField(name: String(decoding: fieldName, as: UTF8.self), at: position)
    }

    /// The next name of the innermost object and its colon; nil at the object's end.
    private mutating func nextName() throws(JSONError) -> [UInt8]? {
        var byte = try peek()
        if byte == UInt8(ascii: "}") { return end() }
        if !atStart {
            guard byte == UInt8(ascii: ",") else { throw syntax("after object key:value pair") }
            position += 1
            byte = try peek()
            guard byte == UInt8(ascii: "\"") else { throw syntax("looking for beginning of object key string") }
        }
        guard byte == UInt8(ascii: "\"") else { throw syntax("looking for beginning of object key string") }
        atStart = false
        let name = try rawString()
        guard try peek() == UInt8(ascii: ":") else { throw syntax("after object key") }
        position += 1
        return name
    }

    /// Opens an object whose names are data; false for null. Its members are read with `nextMember`.
    package mutating func beginObject() throws(JSONError) -> Bool {
        if try null() { return false }
        try begin(UInt8(ascii: "{"), "an object")
        return true
    }

    /// The next member's name; its value is then to be read or skipped. Nil at the object's end.
    package mutating func nextMember() throws(JSONError) -> String? {
        try nextName().map { String(decoding: $0, as: UTF8.self) }
    }

    /// Steps over the value that comes next.
    package mutating func skip() throws(JSONError) { try skipValue() }

    /// Opens a list; false for null.
    package mutating func beginList() throws(JSONError) -> Bool {
        if try null() { return false }
        try begin(UInt8(ascii: "["), "a list")
        return true
    }

    /// Whether the innermost list has another element, which is then to be read.
    package mutating func nextElement() throws(JSONError) -> Bool {
        let byte = try peek()
        if byte == UInt8(ascii: "]") {
            guard atStart || text[position - 1] != UInt8(ascii: ",") else { throw syntax("looking for beginning of value") }
            let none: [UInt8]? = end()
            return none != nil
        }
        if !atStart {
            guard byte == UInt8(ascii: ",") else { throw syntax("after array element") }
            position += 1
            if try peek() == UInt8(ascii: "]") { throw syntax("looking for beginning of value") }
        }
        atStart = false
        return true
    }

    private mutating func begin(_ byte: UInt8, _ expected: String) throws(JSONError) {
        guard try peek() == byte else { throw mismatch(expected) }
        guard depth < JSONReader.depthMax else { throw .tooDeep(at: position) }
        depth += 1
        position += 1
        atStart = true
    }

    private mutating func end() -> [UInt8]? {
        depth -= 1
        position += 1
        atStart = false
        return nil
    }

    /// Reads a null if there is one.
    mutating func null() throws(JSONError) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    // Characters

    private mutating func skipBlanks() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// The next byte that is not blank.
    mutating func peek() throws(JSONError) -> UInt8 {
        skipBlanks()
        guard position < text.count else { throw .endOfText }
        return text[position]
    }

    private func syntax(_ expected: String) -> JSONError {
        position < text.count ? .syntax(found: text[position], expected: expected, at: position) : .endOfText
    }

    /// The error for a value of another kind than `expected`, or for something that is no value at all.
    func mismatch(_ expected: String) -> JSONError {
        guard position < text.count else { return .endOfText }
        switch text[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .badValue(field: String(decoding: fieldName, as: UTF8.self), expected: expected, at: position)
        default: return syntax("looking for beginning of value")
        }
    }

    mutating func literal(_ word: StaticString) throws(JSONError) {
        for byte in word.description.utf8 {
            guard position < text.count else { throw .endOfText }
            guard text[position] == byte else { throw syntax("in literal \(word)") }
            position += 1
        }
    }

    /// The bytes of a number, as they stand. Requires a digit or a minus at the position.
    mutating func numberText() throws(JSONError) -> [UInt8] {
        let start = position
        if text[position] == UInt8(ascii: "-") { position += 1 }
        if position < text.count, text[position] == UInt8(ascii: "0") { position += 1 } else { try digits("in numeric literal") }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try digits("after decimal point in numeric literal")
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") { position += 1 }
            try digits("in exponent of numeric literal")
        }
        return Array(text[start..<position])
    }

    private mutating func digits(_ expected: String) throws(JSONError) {
        let start = position
        while position < text.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[position] { position += 1 }
        if position == start { throw syntax(expected) }
    }

    /// The bytes that a string stands for, checked to be UTF-8. Requires a quote at the position.
    mutating func rawString() throws(JSONError) -> [UInt8] {
        let start = position
        position += 1
        var bytes: [UInt8] = []
        while true {
            let run = position
            while position < text.count, text[position] >= 0x20, text[position] != UInt8(ascii: "\""), text[position] != UInt8(ascii: "\\") {
                position += 1
            }
            bytes.append(contentsOf: text[run..<position])
            guard position < text.count else { throw .endOfText }
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                guard isUTF8(bytes) else { throw .badString(at: start) }
                return bytes
            case UInt8(ascii: "\\"): try escape(into: &bytes, start)
            default: throw syntax("in string literal")
            }
        }
    }

    private func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    private mutating func escape(into bytes: inout [UInt8], _ start: Int) throws(JSONError) {
        position += 1
        guard position < text.count else { throw .endOfText }
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try hex4(start)
            if scalar >> 10 == 0x36 {
                guard position + 1 < text.count, text[position] == UInt8(ascii: "\\"), text[position + 1] == UInt8(ascii: "u") else {
                    throw .badString(at: start)
                }
                position += 2
                let low = try hex4(start)
                guard low >> 10 == 0x37 else { throw .badString(at: start) }
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
            }
            guard let unicode = UnicodeScalar(scalar) else { throw .badString(at: start) }
            bytes.append(contentsOf: UTF8.encode(unicode)!)
        default:
            position -= 1
            throw syntax("in string escape code")
        }
    }

    private mutating func hex4(_ start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < text.count else { throw .endOfText }
            guard let digit = Character(UnicodeScalar(text[position])).hexDigitValue else { throw syntax(#"in \u hexadecimal character escape"#) }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    // Unknown values

    /// Steps over a value of any kind.
    mutating func skipValue() throws(JSONError) {
        switch try peek() {
        case UInt8(ascii: "{"):
            try open()
            while try nextName() != nil { try skipValue() }
        case UInt8(ascii: "["):
            _ = try beginList()
            while try nextElement() { try skipValue() }
        case UInt8(ascii: "\""): _ = try rawString()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try numberText()
        default: throw syntax("looking for beginning of value")
        }
    }
}
