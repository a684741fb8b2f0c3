// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Mvccpb {
    @usableFromInline
    package struct Event: WireMessage {
        package var type: Mvccpb.Event.EventType = Mvccpb.Event.EventType()
        package var kv: Mvccpb.KeyValue?
        package var prevKv: Mvccpb.KeyValue?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.type = try cursor.enumeration(span, tag)
                case 2: try cursor.message(span, tag, into: &self.kv)
                case 3: try cursor.message(span, tag, into: &self.prevKv)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, enumeration: self.type)
            size &+= FieldSize.of(0x12, message: self.kv)
            size &+= FieldSize.of(0x1a, message: self.prevKv)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, enumeration: self.type)
            buffer.field(0x12, message: self.kv)
            buffer.field(0x1a, message: self.prevKv)
        }
        package static var jsonNames: StaticString { "type,kv,prev_kv|prevKv" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("type", enumeration: self.type)
            json.field("kv", message: self.kv)
            json.field("prev_kv", message: self.prevKv)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Mvccpb.Event.EventType = try json.enumeration() { self.type = value }
                case 1: if let value: Mvccpb.KeyValue = try json.message() { self.kv = value }
                case 2: if let value: Mvccpb.KeyValue = try json.message() { self.prevKv = value }
                default: break
                }
            }
        }
    }
}

extension Mvccpb.Event {
    @frozen @usableFromInline
    package struct EventType: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var put: EventType { EventType(rawValue: 0) }
        @inlinable package static var delete: EventType { EventType(rawValue: 1) }
        @usableFromInline package static var names: StaticString { "PUT=0,DELETE=1" }
    }
}

extension Mvccpb {
    @usableFromInline
    package struct KeyValue: WireMessage {
        package var key: [UInt8] = []
        package var createRevision: Int64 = 0
        package var modRevision: Int64 = 0
        package var version: Int64 = 0
        package var value: [UInt8] = []
        package var lease: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.key = try cursor.bytes(span, tag)
                case 2: self.createRevision = try cursor.int64(span, tag)
                case 3: self.modRevision = try cursor.int64(span, tag)
                case 4: self.version = try cursor.int64(span, tag)
                case 5: self.value = try cursor.bytes(span, tag)
                case 6: self.lease = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.key)
            size &+= FieldSize.of(0x10, int64: self.createRevision)
            size &+= FieldSize.of(0x18, int64: self.modRevision)
            size &+= FieldSize.of(0x20, int64: self.version)
            size &+= FieldSize.of(0x2a, bytes: self.value)
            size &+= FieldSize.of(0x30, int64: self.lease)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.key)
            buffer.field(0x10, int64: self.createRevision)
            buffer.field(0x18, int64: self.modRevision)
            buffer.field(0x20, int64: self.version)
            buffer.field(0x2a, bytes: self.value)
            buffer.field(0x30, int64: self.lease)
        }
        package static var jsonNames: StaticString { "key,create_revision|createRevision,mod_revision|modRevision,version,value,lease" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("key", bytes: self.key)
            json.field("create_revision", int64: self.createRevision)
            json.field("mod_revision", int64: self.modRevision)
            json.field("version", int64: self.version)
            json.field("value", bytes: self.value)
            json.field("lease", int64: self.lease)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.key = value }
                case 1: if let value = try json.int64() { self.createRevision = value }
                case 2: if let value = try json.int64() { self.modRevision = value }
                case 3: if let value = try json.int64() { self.version = value }
                case 4: if let value = try json.bytes() { self.value = value }
                case 5: if let value = try json.int64() { self.lease = value }
                default: break
                }
            }
        }
    }
}

extension Mvccpb.KeyValue {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var key: ByteRange = ByteRange()
        @usableFromInline package var createRevision: Int64 = 0
        @usableFromInline package var modRevision: Int64 = 0
        @usableFromInline package var version: Int64 = 0
        @usableFromInline package var value: ByteRange = ByteRange()
        @usableFromInline package var lease: Int64 = 0
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
                case 1: self.key = try cursor.range(span, tag)
                case 2: self.createRevision = Int64(bitPattern: try cursor.number(span, tag))
                case 3: self.modRevision = Int64(bitPattern: try cursor.number(span, tag))
                case 4: self.version = Int64(bitPattern: try cursor.number(span, tag))
                case 5: self.value = try cursor.range(span, tag)
                case 6: self.lease = Int64(bitPattern: try cursor.number(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}
