import Base

/// A protobuf message. Conformances are generated from Protos/*.proto by `wire-generator`.
///
/// Scalars that the input repeats take the last value, sub-messages merge, unknown fields are dropped, invalid UTF-8 in
/// strings is repaired. Encoding writes known fields in ascending order of their numbers and is deterministic.
package protocol WireMessage: Sendable, Equatable {
    init()

    /// Reads fields up to the cursor's end into this message.
    mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError)

    /// Exactly the bytes that `encode` appends.
    var encodedSize: Int { get }

    /// Appends the encoded message. `reserve(encodedSize)` first makes that a single allocation at most.
    func encode(into buffer: inout ByteBuffer)

    /// The names that fields have in JSON, see `JSONReader.next`.
    static var jsonNames: StaticString { get }
    func writeJSON(_ json: inout JSONWriter)
    mutating func readJSON(_ json: inout JSONReader) throws(JSONError)
}

extension WireMessage {
    package init(decoding span: RawSpan) throws(WireError) {
        self.init()
        var cursor = try FieldCursor(span)
        try merge(&cursor, span)
    }

    package init(decoding bytes: Bytes) throws(WireError) { try self.init(decoding: bytes.span) }

    package init(decoding bytes: [UInt8]) throws(WireError) { try unsafe self.init(decoding: bytes.span.bytes) }

    /// Decodes the part `range` of `span`, for a sub-message that a view left encoded.
    package init(decoding span: RawSpan, _ range: ByteRange) throws(WireError) { try self.init(decoding: span.subscripted(range)) }

    /// A message filled in by `fill`.
    package static func with(_ fill: (inout Self) -> Void) -> Self {
        var message = Self()
        fill(&message)
        return message
    }

    /// The message as a block of its own.
    package func encoded() -> Bytes {
        var buffer = ByteBuffer(capacity: encodedSize)
        encode(into: &buffer)
        return Bytes(buffer.freeze())
    }

    /// The message as protobuf JSON, in the form of etcd's gateway: proto names, fields of zero value left out, no blanks.
    package func json() -> [UInt8] {
        var writer = JSONWriter()
        writeJSON(&writer)
        return writer.text
    }

    /// Reads protobuf JSON: one object, with nothing but white space around it.
    package init(json text: RawSpan) throws(JSONError) {
        self.init()
        var reader = try JSONReader(text)
        try reader.document(into: &self)
    }

    /// Reads the object that begins at `position`, blanks before it aside, and leaves `position` behind it. For bodies of
    /// several objects, and where what follows the first does not matter; `JSONError.endOfText` when there is none.
    package init(json text: RawSpan, at position: inout Int) throws(JSONError) {
        self.init()
        var reader = try JSONReader(text, from: position)
        try reader.value(into: &self)
        position = reader.position
    }

    package init(json text: [UInt8]) throws(JSONError) { try unsafe self.init(json: text.span.bytes) }
}

/// An enumeration as protobuf 3 has them: values that this release has no name for survive decoding and encoding.
@usableFromInline
package protocol OpenEnum: RawRepresentable, Hashable, Sendable, CustomStringConvertible where RawValue == Int32 {
    init(rawValue: Int32)
    /// All names, the value of each after it: "NONE=0,ASCEND=1".
    static var names: StaticString { get }
}

extension OpenEnum {
    /// The name, or the number of a value without one.
    @usableFromInline package var description: String { NameTable(Self.names).name(of: rawValue) ?? String(rawValue) }

    package init?(name: String) {
        guard let value = NameTable(Self.names).value(of: name) else { return nil }
        self.init(rawValue: value)
    }

    package var isKnown: Bool { NameTable(Self.names).name(of: rawValue) != nil }
}
