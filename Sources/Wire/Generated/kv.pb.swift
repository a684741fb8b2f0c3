// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    @usableFromInline
    package struct RangeRequest: WireMessage {
        package var key: [UInt8] = []
        package var rangeEnd: [UInt8] = []
        package var limit: Int64 = 0
        package var revision: Int64 = 0
        package var sortOrder: Etcdserverpb.RangeRequest.SortOrder = Etcdserverpb.RangeRequest.SortOrder()
        package var sortTarget: Etcdserverpb.RangeRequest.SortTarget = Etcdserverpb.RangeRequest.SortTarget()
        package var serializable: Bool = false
        package var keysOnly: Bool = false
        package var countOnly: Bool = false
        package var minModRevision: Int64 = 0
        package var maxModRevision: Int64 = 0
        package var minCreateRevision: Int64 = 0
        package var maxCreateRevision: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.key = try cursor.bytes(span, tag)
                case 2: self.rangeEnd = try cursor.bytes(span, tag)
                case 3: self.limit = try cursor.int64(span, tag)
                case 4: self.revision = try cursor.int64(span, tag)
                case 5: self.sortOrder = try cursor.enumeration(span, tag)
                case 6: self.sortTarget = try cursor.enumeration(span, tag)
                case 7: self.serializable = try cursor.bool(span, tag)
                case 8: self.keysOnly = try cursor.bool(span, tag)
                case 9: self.countOnly = try cursor.bool(span, tag)
                case 10: self.minModRevision = try cursor.int64(span, tag)
                case 11: self.maxModRevision = try cursor.int64(span, tag)
                case 12: self.minCreateRevision = try cursor.int64(span, tag)
                case 13: self.maxCreateRevision = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.key)
            size &+= FieldSize.of(0x12, bytes: self.rangeEnd)
            size &+= FieldSize.of(0x18, int64: self.limit)
            size &+= FieldSize.of(0x20, int64: self.revision)
            size &+= FieldSize.of(0x28, enumeration: self.sortOrder)
            size &+= FieldSize.of(0x30, enumeration: self.sortTarget)
            size &+= FieldSize.of(0x38, bool: self.serializable)
            size &+= FieldSize.of(0x40, bool: self.keysOnly)
            size &+= FieldSize.of(0x48, bool: self.countOnly)
            size &+= FieldSize.of(0x50, int64: self.minModRevision)
            size &+= FieldSize.of(0x58, int64: self.maxModRevision)
            size &+= FieldSize.of(0x60, int64: self.minCreateRevision)
            size &+= FieldSize.of(0x68, int64: self.maxCreateRevision)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.key)
            buffer.field(0x12, bytes: self.rangeEnd)
            buffer.field(0x18, int64: self.limit)
            buffer.field(0x20, int64: self.revision)
            buffer.field(0x28, enumeration: self.sortOrder)
            buffer.field(0x30, enumeration: self.sortTarget)
            buffer.field(0x38, bool: self.serializable)
            buffer.field(0x40, bool: self.keysOnly)
            buffer.field(0x48, bool: self.countOnly)
            buffer.field(0x50, int64: self.minModRevision)
            buffer.field(0x58, int64: self.maxModRevision)
            buffer.field(0x60, int64: self.minCreateRevision)
            buffer.field(0x68, int64: self.maxCreateRevision)
        }
        package static var jsonNames: StaticString { "key,range_end|rangeEnd,limit,revision,sort_order|sortOrder,sort_target|sortTarget,serializable,keys_only|keysOnly,count_only|countOnly,min_mod_revision|minModRevision,max_mod_revision|maxModRevision,min_create_revision|minCreateRevision,max_create_revision|maxCreateRevision" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("key", bytes: self.key)
            json.field("range_end", bytes: self.rangeEnd)
            json.field("limit", int64: self.limit)
            json.field("revision", int64: self.revision)
            json.field("sort_order", enumeration: self.sortOrder)
            json.field("sort_target", enumeration: self.sortTarget)
            json.field("serializable", bool: self.serializable)
            json.field("keys_only", bool: self.keysOnly)
            json.field("count_only", bool: self.countOnly)
            json.field("min_mod_revision", int64: self.minModRevision)
            json.field("max_mod_revision", int64: self.maxModRevision)
            json.field("min_create_revision", int64: self.minCreateRevision)
            json.field("max_create_revision", int64: self.maxCreateRevision)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.key = value }
                case 1: if let value = try json.bytes() { self.rangeEnd = value }
                case 2: if let value = try json.int64() { self.limit = value }
                case 3: if let value = try json.int64() { self.revision = value }
                case 4: if let value: Etcdserverpb.RangeRequest.SortOrder = try json.enumeration() { self.sortOrder = value }
                case 5: if let value: Etcdserverpb.RangeRequest.SortTarget = try json.enumeration() { self.sortTarget = value }
                case 6: if let value = try json.bool() { self.serializable = value }
                case 7: if let value = try json.bool() { self.keysOnly = value }
                case 8: if let value = try json.bool() { self.countOnly = value }
                case 9: if let value = try json.int64() { self.minModRevision = value }
                case 10: if let value = try json.int64() { self.maxModRevision = value }
                case 11: if let value = try json.int64() { self.minCreateRevision = value }
                case 12: if let value = try json.int64() { self.maxCreateRevision = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.RangeRequest {
    @frozen @usableFromInline
    package struct SortOrder: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var none: SortOrder { SortOrder(rawValue: 0) }
        @inlinable package static var ascend: SortOrder { SortOrder(rawValue: 1) }
        @inlinable package static var descend: SortOrder { SortOrder(rawValue: 2) }
        @usableFromInline package static var names: StaticString { "NONE=0,ASCEND=1,DESCEND=2" }
    }
}

extension Etcdserverpb.RangeRequest {
    @frozen @usableFromInline
    package struct SortTarget: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var key: SortTarget { SortTarget(rawValue: 0) }
        @inlinable package static var version: SortTarget { SortTarget(rawValue: 1) }
        @inlinable package static var create: SortTarget { SortTarget(rawValue: 2) }
        @inlinable package static var mod: SortTarget { SortTarget(rawValue: 3) }
        @inlinable package static var value: SortTarget { SortTarget(rawValue: 4) }
        @usableFromInline package static var names: StaticString { "KEY=0,VERSION=1,CREATE=2,MOD=3,VALUE=4" }
    }
}

extension Etcdserverpb.RangeRequest {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var key: ByteRange = ByteRange()
        @usableFromInline package var rangeEnd: ByteRange = ByteRange()
        @usableFromInline package var limit: Int64 = 0
        @usableFromInline package var revision: Int64 = 0
        @usableFromInline package var sortOrder: Etcdserverpb.RangeRequest.SortOrder = Etcdserverpb.RangeRequest.SortOrder()
        @usableFromInline package var sortTarget: Etcdserverpb.RangeRequest.SortTarget = Etcdserverpb.RangeRequest.SortTarget()
        @usableFromInline package var serializable: Bool = false
        @usableFromInline package var keysOnly: Bool = false
        @usableFromInline package var countOnly: Bool = false
        @usableFromInline package var minModRevision: Int64 = 0
        @usableFromInline package var maxModRevision: Int64 = 0
        @usableFromInline package var minCreateRevision: Int64 = 0
        @usableFromInline package var maxCreateRevision: Int64 = 0
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
                case 2: self.rangeEnd = try cursor.range(span, tag)
                case 3: self.limit = Int64(bitPattern: try cursor.number(span, tag))
                case 4: self.revision = Int64(bitPattern: try cursor.number(span, tag))
                case 5: self.sortOrder = Etcdserverpb.RangeRequest.SortOrder(rawValue: Int32(truncatingIfNeeded: try cursor.number(span, tag)))
                case 6: self.sortTarget = Etcdserverpb.RangeRequest.SortTarget(rawValue: Int32(truncatingIfNeeded: try cursor.number(span, tag)))
                case 7: self.serializable = try cursor.number(span, tag) != 0
                case 8: self.keysOnly = try cursor.number(span, tag) != 0
                case 9: self.countOnly = try cursor.number(span, tag) != 0
                case 10: self.minModRevision = Int64(bitPattern: try cursor.number(span, tag))
                case 11: self.maxModRevision = Int64(bitPattern: try cursor.number(span, tag))
                case 12: self.minCreateRevision = Int64(bitPattern: try cursor.number(span, tag))
                case 13: self.maxCreateRevision = Int64(bitPattern: try cursor.number(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct RangeResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var kvs: [Mvccpb.KeyValue] = []
        package var more: Bool = false
        package var count: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.kvs)
                case 3: self.more = try cursor.bool(span, tag)
                case 4: self.count = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.kvs { size &+= FieldSize.of(0x12, always: value) }
            size &+= FieldSize.of(0x18, bool: self.more)
            size &+= FieldSize.of(0x20, int64: self.count)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.kvs { buffer.field(0x12, always: value) }
            buffer.field(0x18, bool: self.more)
            buffer.field(0x20, int64: self.count)
        }
        package static var jsonNames: StaticString { "header,kvs,more,count" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("kvs", list: self.kvs)
            json.field("more", bool: self.more)
            json.field("count", int64: self.count)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.kvs)
                case 2: if let value = try json.bool() { self.more = value }
                case 3: if let value = try json.int64() { self.count = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct RangeStreamResponse: WireMessage {
        package var rangeResponse: Etcdserverpb.RangeResponse?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.rangeResponse)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.rangeResponse)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.rangeResponse)
        }
        package static var jsonNames: StaticString { "range_response|rangeResponse" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("range_response", message: self.rangeResponse)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.RangeResponse = try json.message() { self.rangeResponse = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct PutRequest: WireMessage {
        package var key: [UInt8] = []
        package var value: [UInt8] = []
        package var lease: Int64 = 0
        package var prevKv: Bool = false
        package var ignoreValue: Bool = false
        package var ignoreLease: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.key = try cursor.bytes(span, tag)
                case 2: self.value = try cursor.bytes(span, tag)
                case 3: self.lease = try cursor.int64(span, tag)
                case 4: self.prevKv = try cursor.bool(span, tag)
                case 5: self.ignoreValue = try cursor.bool(span, tag)
                case 6: self.ignoreLease = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.key)
            size &+= FieldSize.of(0x12, bytes: self.value)
            size &+= FieldSize.of(0x18, int64: self.lease)
            size &+= FieldSize.of(0x20, bool: self.prevKv)
            size &+= FieldSize.of(0x28, bool: self.ignoreValue)
            size &+= FieldSize.of(0x30, bool: self.ignoreLease)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.key)
            buffer.field(0x12, bytes: self.value)
            buffer.field(0x18, int64: self.lease)
            buffer.field(0x20, bool: self.prevKv)
            buffer.field(0x28, bool: self.ignoreValue)
            buffer.field(0x30, bool: self.ignoreLease)
        }
        package static var jsonNames: StaticString { "key,value,lease,prev_kv|prevKv,ignore_value|ignoreValue,ignore_lease|ignoreLease" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("key", bytes: self.key)
            json.field("value", bytes: self.value)
            json.field("lease", int64: self.lease)
            json.field("prev_kv", bool: self.prevKv)
            json.field("ignore_value", bool: self.ignoreValue)
            json.field("ignore_lease", bool: self.ignoreLease)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.key = value }
                case 1: if let value = try json.bytes() { self.value = value }
                case 2: if let value = try json.int64() { self.lease = value }
                case 3: if let value = try json.bool() { self.prevKv = value }
                case 4: if let value = try json.bool() { self.ignoreValue = value }
                case 5: if let value = try json.bool() { self.ignoreLease = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.PutRequest {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var key: ByteRange = ByteRange()
        @usableFromInline package var value: ByteRange = ByteRange()
        @usableFromInline package var lease: Int64 = 0
        @usableFromInline package var prevKv: Bool = false
        @usableFromInline package var ignoreValue: Bool = false
        @usableFromInline package var ignoreLease: Bool = false
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
                case 2: self.value = try cursor.range(span, tag)
                case 3: self.lease = Int64(bitPattern: try cursor.number(span, tag))
                case 4: self.prevKv = try cursor.number(span, tag) != 0
                case 5: self.ignoreValue = try cursor.number(span, tag) != 0
                case 6: self.ignoreLease = try cursor.number(span, tag) != 0
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct PutResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var prevKv: Mvccpb.KeyValue?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, into: &self.prevKv)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x12, message: self.prevKv)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x12, message: self.prevKv)
        }
        package static var jsonNames: StaticString { "header,prev_kv|prevKv" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("prev_kv", message: self.prevKv)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value: Mvccpb.KeyValue = try json.message() { self.prevKv = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct DeleteRangeRequest: WireMessage {
        package var key: [UInt8] = []
        package var rangeEnd: [UInt8] = []
        package var prevKv: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.key = try cursor.bytes(span, tag)
                case 2: self.rangeEnd = try cursor.bytes(span, tag)
                case 3: self.prevKv = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.key)
            size &+= FieldSize.of(0x12, bytes: self.rangeEnd)
            size &+= FieldSize.of(0x18, bool: self.prevKv)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.key)
            buffer.field(0x12, bytes: self.rangeEnd)
            buffer.field(0x18, bool: self.prevKv)
        }
        package static var jsonNames: StaticString { "key,range_end|rangeEnd,prev_kv|prevKv" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("key", bytes: self.key)
            json.field("range_end", bytes: self.rangeEnd)
            json.field("prev_kv", bool: self.prevKv)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.key = value }
                case 1: if let value = try json.bytes() { self.rangeEnd = value }
                case 2: if let value = try json.bool() { self.prevKv = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.DeleteRangeRequest {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var key: ByteRange = ByteRange()
        @usableFromInline package var rangeEnd: ByteRange = ByteRange()
        @usableFromInline package var prevKv: Bool = false
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
                case 2: self.rangeEnd = try cursor.range(span, tag)
                case 3: self.prevKv = try cursor.number(span, tag) != 0
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct DeleteRangeResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var deleted: Int64 = 0
        package var prevKvs: [Mvccpb.KeyValue] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.deleted = try cursor.int64(span, tag)
                case 3: try cursor.message(span, tag, appendingTo: &self.prevKvs)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, int64: self.deleted)
            for value in self.prevKvs { size &+= FieldSize.of(0x1a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, int64: self.deleted)
            for value in self.prevKvs { buffer.field(0x1a, always: value) }
        }
        package static var jsonNames: StaticString { "header,deleted,prev_kvs|prevKvs" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("deleted", int64: self.deleted)
            json.field("prev_kvs", list: self.prevKvs)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.int64() { self.deleted = value }
                case 2: try json.read(list: &self.prevKvs)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct RequestOp: WireMessage {
        package var request: Request?
        package enum Request: Sendable, Equatable {
            case requestRange(Etcdserverpb.RangeRequest)
            case requestPut(Etcdserverpb.PutRequest)
            case requestDeleteRange(Etcdserverpb.DeleteRangeRequest)
            case requestTxn(Etcdserverpb.TxnRequest)
        }
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1:
                    var value = Etcdserverpb.RangeRequest()
                    if case .requestRange(let present)? = self.request { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.request = .requestRange(value)
                case 2:
                    var value = Etcdserverpb.PutRequest()
                    if case .requestPut(let present)? = self.request { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.request = .requestPut(value)
                case 3:
                    var value = Etcdserverpb.DeleteRangeRequest()
                    if case .requestDeleteRange(let present)? = self.request { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.request = .requestDeleteRange(value)
                case 4:
                    var value = Etcdserverpb.TxnRequest()
                    if case .requestTxn(let present)? = self.request { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.request = .requestTxn(value)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            if case .requestRange(let value)? = self.request { size &+= FieldSize.of(0xa, always: value) }
            if case .requestPut(let value)? = self.request { size &+= FieldSize.of(0x12, always: value) }
            if case .requestDeleteRange(let value)? = self.request { size &+= FieldSize.of(0x1a, always: value) }
            if case .requestTxn(let value)? = self.request { size &+= FieldSize.of(0x22, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            if case .requestRange(let value)? = self.request { buffer.field(0xa, always: value) }
            if case .requestPut(let value)? = self.request { buffer.field(0x12, always: value) }
            if case .requestDeleteRange(let value)? = self.request { buffer.field(0x1a, always: value) }
            if case .requestTxn(let value)? = self.request { buffer.field(0x22, always: value) }
        }
        package static var jsonNames: StaticString { "request_range|requestRange,request_put|requestPut,request_delete_range|requestDeleteRange,request_txn|requestTxn" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            if case .requestRange(let value)? = self.request { json.field("request_range", always: value) }
            if case .requestPut(let value)? = self.request { json.field("request_put", always: value) }
            if case .requestDeleteRange(let value)? = self.request { json.field("request_delete_range", always: value) }
            if case .requestTxn(let value)? = self.request { json.field("request_txn", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0:
                    try json.oneof(isSet: self.request != nil)
                    if let value: Etcdserverpb.RangeRequest = try json.message() { self.request = .requestRange(value) }
                case 1:
                    try json.oneof(isSet: self.request != nil)
                    if let value: Etcdserverpb.PutRequest = try json.message() { self.request = .requestPut(value) }
                case 2:
                    try json.oneof(isSet: self.request != nil)
                    if let value: Etcdserverpb.DeleteRangeRequest = try json.message() { self.request = .requestDeleteRange(value) }
                case 3:
                    try json.oneof(isSet: self.request != nil)
                    if let value: Etcdserverpb.TxnRequest = try json.message() { self.request = .requestTxn(value) }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct ResponseOp: WireMessage {
        package var response: Response?
        package enum Response: Sendable, Equatable {
            case responseRange(Etcdserverpb.RangeResponse)
            case responsePut(Etcdserverpb.PutResponse)
            case responseDeleteRange(Etcdserverpb.DeleteRangeResponse)
            case responseTxn(Etcdserverpb.TxnResponse)
        }
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1:
                    var value = Etcdserverpb.RangeResponse()
                    if case .responseRange(let present)? = self.response { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.response = .responseRange(value)
                case 2:
                    var value = Etcdserverpb.PutResponse()
                    if case .responsePut(let present)? = self.response { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.response = .responsePut(value)
                case 3:
                    var value = Etcdserverpb.DeleteRangeResponse()
                    if case .responseDeleteRange(let present)? = self.response { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.response = .responseDeleteRange(value)
                case 4:
                    var value = Etcdserverpb.TxnResponse()
                    if case .responseTxn(let present)? = self.response { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.response = .responseTxn(value)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            if case .responseRange(let value)? = self.response { size &+= FieldSize.of(0xa, always: value) }
            if case .responsePut(let value)? = self.response { size &+= FieldSize.of(0x12, always: value) }
            if case .responseDeleteRange(let value)? = self.response { size &+= FieldSize.of(0x1a, always: value) }
            if case .responseTxn(let value)? = self.response { size &+= FieldSize.of(0x22, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            if case .responseRange(let value)? = self.response { buffer.field(0xa, always: value) }
            if case .responsePut(let value)? = self.response { buffer.field(0x12, always: value) }
            if case .responseDeleteRange(let value)? = self.response { buffer.field(0x1a, always: value) }
            if case .responseTxn(let value)? = self.response { buffer.field(0x22, always: value) }
        }
        package static var jsonNames: StaticString { "response_range|responseRange,response_put|responsePut,response_delete_range|responseDeleteRange,response_txn|responseTxn" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            if case .responseRange(let value)? = self.response { json.field("response_range", always: value) }
            if case .responsePut(let value)? = self.response { json.field("response_put", always: value) }
            if case .responseDeleteRange(let value)? = self.response { json.field("response_delete_range", always: value) }
            if case .responseTxn(let value)? = self.response { json.field("response_txn", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0:
                    try json.oneof(isSet: self.response != nil)
                    if let value: Etcdserverpb.RangeResponse = try json.message() { self.response = .responseRange(value) }
                case 1:
                    try json.oneof(isSet: self.response != nil)
                    if let value: Etcdserverpb.PutResponse = try json.message() { self.response = .responsePut(value) }
                case 2:
                    try json.oneof(isSet: self.response != nil)
                    if let value: Etcdserverpb.DeleteRangeResponse = try json.message() { self.response = .responseDeleteRange(value) }
                case 3:
                    try json.oneof(isSet: self.response != nil)
                    if let value: Etcdserverpb.TxnResponse = try json.message() { self.response = .responseTxn(value) }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct Compare: WireMessage {
        package var result: Etcdserverpb.Compare.CompareResult = Etcdserverpb.Compare.CompareResult()
        package var target: Etcdserverpb.Compare.CompareTarget = Etcdserverpb.Compare.CompareTarget()
        package var key: [UInt8] = []
        package var targetUnion: TargetUnion?
        package enum TargetUnion: Sendable, Equatable {
            case version(Int64)
            case createRevision(Int64)
            case modRevision(Int64)
            case value([UInt8])
            case lease(Int64)
        }
        package var rangeEnd: [UInt8] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.result = try cursor.enumeration(span, tag)
                case 2: self.target = try cursor.enumeration(span, tag)
                case 3: self.key = try cursor.bytes(span, tag)
                case 4: self.targetUnion = .version(try cursor.int64(span, tag))
                case 5: self.targetUnion = .createRevision(try cursor.int64(span, tag))
                case 6: self.targetUnion = .modRevision(try cursor.int64(span, tag))
                case 7: self.targetUnion = .value(try cursor.bytes(span, tag))
                case 8: self.targetUnion = .lease(try cursor.int64(span, tag))
                case 64: self.rangeEnd = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, enumeration: self.result)
            size &+= FieldSize.of(0x10, enumeration: self.target)
            size &+= FieldSize.of(0x1a, bytes: self.key)
            if case .version(let value)? = self.targetUnion { size &+= FieldSize.of(0x20, always: UInt64(bitPattern: value)) }
            if case .createRevision(let value)? = self.targetUnion { size &+= FieldSize.of(0x28, always: UInt64(bitPattern: value)) }
            if case .modRevision(let value)? = self.targetUnion { size &+= FieldSize.of(0x30, always: UInt64(bitPattern: value)) }
            if case .value(let value)? = self.targetUnion { size &+= FieldSize.of(0x3a, always: value) }
            if case .lease(let value)? = self.targetUnion { size &+= FieldSize.of(0x40, always: UInt64(bitPattern: value)) }
            size &+= FieldSize.of(0x202, bytes: self.rangeEnd)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, enumeration: self.result)
            buffer.field(0x10, enumeration: self.target)
            buffer.field(0x1a, bytes: self.key)
            if case .version(let value)? = self.targetUnion { buffer.field(0x20, always: UInt64(bitPattern: value)) }
            if case .createRevision(let value)? = self.targetUnion { buffer.field(0x28, always: UInt64(bitPattern: value)) }
            if case .modRevision(let value)? = self.targetUnion { buffer.field(0x30, always: UInt64(bitPattern: value)) }
            if case .value(let value)? = self.targetUnion { buffer.field(0x3a, always: value) }
            if case .lease(let value)? = self.targetUnion { buffer.field(0x40, always: UInt64(bitPattern: value)) }
            buffer.field(0x202, bytes: self.rangeEnd)
        }
        package static var jsonNames: StaticString { "result,target,key,version,create_revision|createRevision,mod_revision|modRevision,value,lease,range_end|rangeEnd" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("result", enumeration: self.result)
            json.field("target", enumeration: self.target)
            json.field("key", bytes: self.key)
            if case .version(let value)? = self.targetUnion { json.field("version", always: value) }
            if case .createRevision(let value)? = self.targetUnion { json.field("create_revision", always: value) }
            if case .modRevision(let value)? = self.targetUnion { json.field("mod_revision", always: value) }
            if case .value(let value)? = self.targetUnion { json.field("value", always: value) }
            if case .lease(let value)? = self.targetUnion { json.field("lease", always: value) }
            json.field("range_end", bytes: self.rangeEnd)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.Compare.CompareResult = try json.enumeration() { self.result = value }
                case 1: if let value: Etcdserverpb.Compare.CompareTarget = try json.enumeration() { self.target = value }
                case 2: if let value = try json.bytes() { self.key = value }
                case 3:
                    try json.oneof(isSet: self.targetUnion != nil)
                    if let value = try json.int64() { self.targetUnion = .version(value) }
                case 4:
                    try json.oneof(isSet: self.targetUnion != nil)
                    if let value = try json.int64() { self.targetUnion = .createRevision(value) }
                case 5:
                    try json.oneof(isSet: self.targetUnion != nil)
                    if let value = try json.int64() { self.targetUnion = .modRevision(value) }
                case 6:
                    try json.oneof(isSet: self.targetUnion != nil)
                    if let value = try json.bytes() { self.targetUnion = .value(value) }
                case 7:
                    try json.oneof(isSet: self.targetUnion != nil)
                    if let value = try json.int64() { self.targetUnion = .lease(value) }
                case 8: if let value = try json.bytes() { self.rangeEnd = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.Compare {
    @frozen @usableFromInline
    package struct CompareResult: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var equal: CompareResult { CompareResult(rawValue: 0) }
        @inlinable package static var greater: CompareResult { CompareResult(rawValue: 1) }
        @inlinable package static var less: CompareResult { CompareResult(rawValue: 2) }
        @inlinable package static var notEqual: CompareResult { CompareResult(rawValue: 3) }
        @usableFromInline package static var names: StaticString { "EQUAL=0,GREATER=1,LESS=2,NOT_EQUAL=3" }
    }
}

extension Etcdserverpb.Compare {
    @frozen @usableFromInline
    package struct CompareTarget: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var version: CompareTarget { CompareTarget(rawValue: 0) }
        @inlinable package static var create: CompareTarget { CompareTarget(rawValue: 1) }
        @inlinable package static var mod: CompareTarget { CompareTarget(rawValue: 2) }
        @inlinable package static var value: CompareTarget { CompareTarget(rawValue: 3) }
        @inlinable package static var lease: CompareTarget { CompareTarget(rawValue: 4) }
        @usableFromInline package static var names: StaticString { "VERSION=0,CREATE=1,MOD=2,VALUE=3,LEASE=4" }
    }
}

extension Etcdserverpb {
    package struct TxnRequest: WireMessage {
        package var compare: [Etcdserverpb.Compare] = []
        package var success: [Etcdserverpb.RequestOp] = []
        package var failure: [Etcdserverpb.RequestOp] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, appendingTo: &self.compare)
                case 2: try cursor.message(span, tag, appendingTo: &self.success)
                case 3: try cursor.message(span, tag, appendingTo: &self.failure)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            for value in self.compare { size &+= FieldSize.of(0xa, always: value) }
            for value in self.success { size &+= FieldSize.of(0x12, always: value) }
            for value in self.failure { size &+= FieldSize.of(0x1a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            for value in self.compare { buffer.field(0xa, always: value) }
            for value in self.success { buffer.field(0x12, always: value) }
            for value in self.failure { buffer.field(0x1a, always: value) }
        }
        package static var jsonNames: StaticString { "compare,success,failure" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("compare", list: self.compare)
            json.field("success", list: self.success)
            json.field("failure", list: self.failure)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: try json.read(list: &self.compare)
                case 1: try json.read(list: &self.success)
                case 2: try json.read(list: &self.failure)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct TxnResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var succeeded: Bool = false
        package var responses: [Etcdserverpb.ResponseOp] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.succeeded = try cursor.bool(span, tag)
                case 3: try cursor.message(span, tag, appendingTo: &self.responses)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, bool: self.succeeded)
            for value in self.responses { size &+= FieldSize.of(0x1a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, bool: self.succeeded)
            for value in self.responses { buffer.field(0x1a, always: value) }
        }
        package static var jsonNames: StaticString { "header,succeeded,responses" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("succeeded", bool: self.succeeded)
            json.field("responses", list: self.responses)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.bool() { self.succeeded = value }
                case 2: try json.read(list: &self.responses)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct CompactionRequest: WireMessage {
        package var revision: Int64 = 0
        package var physical: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.revision = try cursor.int64(span, tag)
                case 2: self.physical = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.revision)
            size &+= FieldSize.of(0x10, bool: self.physical)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.revision)
            buffer.field(0x10, bool: self.physical)
        }
        package static var jsonNames: StaticString { "revision,physical" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("revision", int64: self.revision)
            json.field("physical", bool: self.physical)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.revision = value }
                case 1: if let value = try json.bool() { self.physical = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.CompactionRequest {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var revision: Int64 = 0
        @usableFromInline package var physical: Bool = false
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
                case 1: self.revision = Int64(bitPattern: try cursor.number(span, tag))
                case 2: self.physical = try cursor.number(span, tag) != 0
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct CompactionResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
        }
        package static var jsonNames: StaticString { "header" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                default: break
                }
            }
        }
    }
}
