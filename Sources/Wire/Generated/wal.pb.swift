// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Walpb {
    @usableFromInline
    package struct Record: WireMessage {
        package var type: Int64 = 0
        package var crc: UInt32 = 0
        package var data: [UInt8]?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.type = try cursor.int64(span, tag)
                case 2: self.crc = try cursor.uint32(span, tag)
                case 3: self.data = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: UInt64(bitPattern: self.type))
            size &+= FieldSize.of(0x10, always: UInt64(self.crc))
            if let value = self.data { size &+= FieldSize.of(0x1a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: UInt64(bitPattern: self.type))
            buffer.field(0x10, always: UInt64(self.crc))
            if let value = self.data { buffer.field(0x1a, always: value) }
        }
        package static var jsonNames: StaticString { "type,crc,data" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("type", always: self.type)
            json.field("crc", always: self.crc)
            if let value = self.data { json.field("data", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.type = value }
                case 1: if let value = try json.uint32() { self.crc = value }
                case 2: if let value = try json.bytes() { self.data = value }
                default: break
                }
            }
        }
    }
}

extension Walpb.Record {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var type: Int64 = 0
        @usableFromInline package var crc: UInt32 = 0
        @usableFromInline package var data: ByteRange = ByteRange()
        @inlinable package init() {}
        @inlinable package init(decoding span: RawSpan) throws(WireError) {
            var cursor = try FieldCursor(span)
            try merge(&cursor, span)
        }
        /// Decodes the part `range` of `span`; positions are in `span`.
        @inlinable package init(decoding span: RawSpan, _ range: ByteRange) throws(WireError) {
            var cursor = try FieldCursor(span).nested(range)
            try merge(&cursor, span)
        }
        @inlinable mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.type = Int64(bitPattern: try cursor.number(span, tag))
                case 2: self.crc = UInt32(truncatingIfNeeded: try cursor.number(span, tag))
                case 3: self.data = try cursor.range(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Walpb {
    package struct Snapshot: WireMessage {
        package var index: UInt64 = 0
        package var term: UInt64 = 0
        package var confState: Raftpb.ConfState?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.index = try cursor.uint64(span, tag)
                case 2: self.term = try cursor.uint64(span, tag)
                case 3: try cursor.message(span, tag, into: &self.confState)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: self.index)
            size &+= FieldSize.of(0x10, always: self.term)
            size &+= FieldSize.of(0x1a, message: self.confState)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: self.index)
            buffer.field(0x10, always: self.term)
            buffer.field(0x1a, message: self.confState)
        }
        package static var jsonNames: StaticString { "index,term,conf_state|confState" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("index", always: self.index)
            json.field("term", always: self.term)
            json.field("conf_state", message: self.confState)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.index = value }
                case 1: if let value = try json.uint64() { self.term = value }
                case 2: if let value: Raftpb.ConfState = try json.message() { self.confState = value }
                default: break
                }
            }
        }
    }
}
