import Base

/// Writes messages as protobuf JSON in the form of etcd's gateway (3.6), unless another style is asked for: proto names, 64-bit integers as strings, bytes as
/// base64, enumerations as names, no blanks. Methods with a name leave out zero values, unless they say `always`.
package struct JSONWriter: ~Copyable {
    private var out = ByteBuffer(capacity: 256)
    /// Whether the innermost object or list has an element already.
    private var needsComma = false
    private let style: Style

    package enum Style: Sendable {
        case gateway
        /// As Go's encoding/json writes the generated types, which etcdctl prints: numbers bare, enumerations as numbers, and what
        /// HTML could take for its own escaped.
        case go
    }

    package init(_ style: Style = .gateway) { self.style = style }

    package var text: [UInt8] { out.span.array }

    /// Hands the text over and starts a new one.
    package mutating func take() -> Bytes {
        needsComma = false
        return Bytes(out.freeze())
    }

    package mutating func open() { begin(UInt8(ascii: "{")) }
    package mutating func close() { end(UInt8(ascii: "}")) }

    package mutating func name(_ name: String) {
        separate()
        out.append(UInt8(ascii: "\""))
        out.append(name)
        out.append(UInt8(ascii: "\""))
        out.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func begin(_ byte: UInt8) {
        separate()
        out.append(byte)
        needsComma = false
    }

    private mutating func end(_ byte: UInt8) {
        out.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { out.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    // Values

    package mutating func value(_ value: UInt64) { number(String(value)) }
    package mutating func value(_ value: Int64) { number(String(value)) }
    package mutating func value(_ value: UInt32) { literal(String(value)) }
    package mutating func value(_ value: Bool) { literal(value ? "true" : "false") }

    package mutating func value<E: OpenEnum>(_ value: E) {
        if value.isKnown, style == .gateway { quoted(value.description) } else { literal(String(value.rawValue)) }
    }

    package mutating func value(_ value: String) {
        separate()
        out.append(UInt8(ascii: "\""))
        if style == .go {
            for scalar in value.unicodeScalars { escapeAsGo(scalar) }
        } else {
            for byte in value.utf8 { escape(byte) }
        }
        out.append(UInt8(ascii: "\""))
    }

    package mutating func value(_ value: [UInt8]) {
        separate()
        out.append(UInt8(ascii: "\""))
        Base64.encode(value, into: &out)
        out.append(UInt8(ascii: "\""))
    }

    package mutating func value<M: WireMessage>(_ message: M) { message.writeJSON(&self) }

    /// A literal such as a number, written as it is.
    package mutating func literal(_ text: String) {
        separate()
        out.append(text)
    }

    private mutating func number(_ text: String) { style == .gateway ? quoted(text) : literal(text) }

    private mutating func quoted(_ text: String) {
        separate()
        out.append(UInt8(ascii: "\""))
        out.append(text)
        out.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            out.append(UInt8(ascii: "\\"))
            out.append(byte)
        case 0x08: out.append(#"\b"#)
        case 0x09: out.append(#"\t"#)
        case 0x0A: out.append(#"\n"#)
        case 0x0C: out.append(#"\f"#)
        case 0x0D: out.append(#"\r"#)
        case 0..<0x20:
            out.append(byte < 0x10 ? #"\u000"# : #"\u00"#)
            out.append(String(byte, radix: 16))
        default: out.append(byte)
        }
    }

    private mutating func escapeAsGo(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x26, 0x3C, 0x3E, 0x2028, 0x2029, 0x08, 0x0C:
            let digits = String(scalar.value, radix: 16)
            out.append(#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits)
        case 0..<0x80: escape(UInt8(scalar.value))
        default: out.append(String(scalar))
        }
    }

    // Lists of other things than messages' fields.

    package mutating func openList() { begin(UInt8(ascii: "[")) }
    package mutating func closeList() { endList() }

    // Fields

    package mutating func field(_ name: String, uint64 value: UInt64) { if value != 0 { field(name, always: value) } }
    package mutating func field(_ name: String, int64 value: Int64) { if value != 0 { field(name, always: value) } }
    package mutating func field(_ name: String, uint32 value: UInt32) { if value != 0 { field(name, always: value) } }
    package mutating func field(_ name: String, bool value: Bool) { if value { field(name, always: value) } }
    package mutating func field(_ name: String, string value: String) { if !value.isEmpty { field(name, always: value) } }
    package mutating func field(_ name: String, bytes value: [UInt8]) { if !value.isEmpty { field(name, always: value) } }

    package mutating func field<E: OpenEnum>(_ name: String, enumeration value: E) {
        if value.rawValue != 0 { field(name, always: value) }
    }

    package mutating func field<M: WireMessage>(_ name: String, message: M?) {
        if let message { field(name, always: message) }
    }

    package mutating func field(_ name: String, always value: UInt64) { self.name(name); self.value(value) }
    package mutating func field(_ name: String, always value: Int64) { self.name(name); self.value(value) }
    package mutating func field(_ name: String, always value: UInt32) { self.name(name); self.value(value) }
    package mutating func field(_ name: String, always value: Bool) { self.name(name); self.value(value) }
    package mutating func field(_ name: String, always value: String) { self.name(name); self.value(value) }
    package mutating func field(_ name: String, always value: [UInt8]) { self.name(name); self.value(value) }
    package mutating func field<E: OpenEnum>(_ name: String, always value: E) { self.name(name); self.value(value) }
    package mutating func field<M: WireMessage>(_ name: String, always message: M) { self.name(name); value(message) }

    package mutating func field(_ name: String, list: [UInt64]) { if beginList(name, list.isEmpty) { for e in list { value(e) }; endList() } }
    package mutating func field(_ name: String, list: [String]) { if beginList(name, list.isEmpty) { for e in list { value(e) }; endList() } }
    package mutating func field(_ name: String, list: [[UInt8]]) { if beginList(name, list.isEmpty) { for e in list { value(e) }; endList() } }

    package mutating func field<E: OpenEnum>(_ name: String, list: [E]) {
        if beginList(name, list.isEmpty) { for e in list { value(e) }; endList() }
    }

    package mutating func field<M: WireMessage>(_ name: String, list: [M]) {
        if beginList(name, list.isEmpty) { for e in list { value(e) }; endList() }
    }

    private mutating func beginList(_ name: String, _ isEmpty: Bool) -> Bool {
        guard !isEmpty else { return false }
        self.name(name)
        begin(UInt8(ascii: "["))
        return true
    }

    private mutating func endList() { end(UInt8(ascii: "]")) }
}
