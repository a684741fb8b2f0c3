// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    package struct LeaseCheckpoint: WireMessage {
        package var id: Int64 = 0
        package var remainingTTL: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.int64(span, tag)
                case 2: self.remainingTTL = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.id)
            size &+= FieldSize.of(0x10, int64: self.remainingTTL)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.id)
            buffer.field(0x10, int64: self.remainingTTL)
        }
        package static var jsonNames: StaticString { "ID,remaining_TTL|remainingTTL" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", int64: self.id)
            json.field("remaining_TTL", int64: self.remainingTTL)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.id = value }
                case 1: if let value = try json.int64() { self.remainingTTL = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseCheckpointRequest: WireMessage {
        package var checkpoints: [Etcdserverpb.LeaseCheckpoint] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, appendingTo: &self.checkpoints)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            for value in self.checkpoints { size &+= FieldSize.of(0xa, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            for value in self.checkpoints { buffer.field(0xa, always: value) }
        }
        package static var jsonNames: StaticString { "checkpoints" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("checkpoints", list: self.checkpoints)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: try json.read(list: &self.checkpoints)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseCheckpointResponse: WireMessage {
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

extension Etcdserverpb {
    @usableFromInline
    package struct LeaseGrantRequest: WireMessage {
        package var ttl: Int64 = 0
        package var id: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.ttl = try cursor.int64(span, tag)
                case 2: self.id = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.ttl)
            size &+= FieldSize.of(0x10, int64: self.id)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.ttl)
            buffer.field(0x10, int64: self.id)
        }
        package static var jsonNames: StaticString { "TTL,ID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("TTL", int64: self.ttl)
            json.field("ID", int64: self.id)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.ttl = value }
                case 1: if let value = try json.int64() { self.id = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.LeaseGrantRequest {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var ttl: Int64 = 0
        @usableFromInline package var id: Int64 = 0
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
                case 1: self.ttl = Int64(bitPattern: try cursor.number(span, tag))
                case 2: self.id = Int64(bitPattern: try cursor.number(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseGrantResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var id: Int64 = 0
        package var ttl: Int64 = 0
        package var error: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.id = try cursor.int64(span, tag)
                case 3: self.ttl = try cursor.int64(span, tag)
                case 4: self.error = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, int64: self.id)
            size &+= FieldSize.of(0x18, int64: self.ttl)
            size &+= FieldSize.of(0x22, string: self.error)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, int64: self.id)
            buffer.field(0x18, int64: self.ttl)
            buffer.field(0x22, string: self.error)
        }
        package static var jsonNames: StaticString { "header,ID,TTL,error" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("ID", int64: self.id)
            json.field("TTL", int64: self.ttl)
            json.field("error", string: self.error)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.int64() { self.id = value }
                case 2: if let value = try json.int64() { self.ttl = value }
                case 3: if let value = try json.string() { self.error = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseKeepAliveRequest: WireMessage {
        package var id: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.id)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.id)
        }
        package static var jsonNames: StaticString { "ID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", int64: self.id)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.id = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseKeepAliveResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var id: Int64 = 0
        package var ttl: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.id = try cursor.int64(span, tag)
                case 3: self.ttl = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, int64: self.id)
            size &+= FieldSize.of(0x18, int64: self.ttl)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, int64: self.id)
            buffer.field(0x18, int64: self.ttl)
        }
        package static var jsonNames: StaticString { "header,ID,TTL" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("ID", int64: self.id)
            json.field("TTL", int64: self.ttl)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.int64() { self.id = value }
                case 2: if let value = try json.int64() { self.ttl = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseLeasesRequest: WireMessage {
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                try cursor.skip(span, tag)
            }
        }
        package var encodedSize: Int {
            0
        }
        package func encode(into buffer: inout ByteBuffer) {}
        package static var jsonNames: StaticString { "" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while try json.next(Self.jsonNames, &seen) != nil {}
        }
    }
}

extension Etcdserverpb {
    package struct LeaseLeasesResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var leases: [Etcdserverpb.LeaseStatus] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.leases)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.leases { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.leases { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,leases" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("leases", list: self.leases)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.leases)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseRevokeRequest: WireMessage {
        package var id: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.id)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.id)
        }
        package static var jsonNames: StaticString { "ID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", int64: self.id)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.id = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseRevokeResponse: WireMessage {
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

extension Etcdserverpb {
    package struct LeaseStatus: WireMessage {
        package var id: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.id)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.id)
        }
        package static var jsonNames: StaticString { "ID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", int64: self.id)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.id = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseTimeToLiveRequest: WireMessage {
        package var id: Int64 = 0
        package var keys: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.int64(span, tag)
                case 2: self.keys = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.id)
            size &+= FieldSize.of(0x10, bool: self.keys)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.id)
            buffer.field(0x10, bool: self.keys)
        }
        package static var jsonNames: StaticString { "ID,keys" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", int64: self.id)
            json.field("keys", bool: self.keys)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.id = value }
                case 1: if let value = try json.bool() { self.keys = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct LeaseTimeToLiveResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var id: Int64 = 0
        package var ttl: Int64 = 0
        package var grantedTTL: Int64 = 0
        package var keys: [[UInt8]] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.id = try cursor.int64(span, tag)
                case 3: self.ttl = try cursor.int64(span, tag)
                case 4: self.grantedTTL = try cursor.int64(span, tag)
                case 5: self.keys.append(try cursor.bytes(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, int64: self.id)
            size &+= FieldSize.of(0x18, int64: self.ttl)
            size &+= FieldSize.of(0x20, int64: self.grantedTTL)
            for value in self.keys { size &+= FieldSize.of(0x2a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, int64: self.id)
            buffer.field(0x18, int64: self.ttl)
            buffer.field(0x20, int64: self.grantedTTL)
            for value in self.keys { buffer.field(0x2a, always: value) }
        }
        package static var jsonNames: StaticString { "header,ID,TTL,grantedTTL,keys" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("ID", int64: self.id)
            json.field("TTL", int64: self.ttl)
            json.field("grantedTTL", int64: self.grantedTTL)
            json.field("keys", list: self.keys)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.int64() { self.id = value }
                case 2: if let value = try json.int64() { self.ttl = value }
                case 3: if let value = try json.int64() { self.grantedTTL = value }
                case 4: try json.read(list: &self.keys)
                default: break
                }
            }
        }
    }
}
