// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Leasepb {
    package struct Lease: WireMessage {
        package var id: Int64 = 0
        package var ttl: Int64 = 0
        package var remainingTTL: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.int64(span, tag)
                case 2: self.ttl = try cursor.int64(span, tag)
                case 3: self.remainingTTL = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.id)
            size &+= FieldSize.of(0x10, int64: self.ttl)
            size &+= FieldSize.of(0x18, int64: self.remainingTTL)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.id)
            buffer.field(0x10, int64: self.ttl)
            buffer.field(0x18, int64: self.remainingTTL)
        }
        package static var jsonNames: StaticString { "ID,TTL,RemainingTTL" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", int64: self.id)
            json.field("TTL", int64: self.ttl)
            json.field("RemainingTTL", int64: self.remainingTTL)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.id = value }
                case 1: if let value = try json.int64() { self.ttl = value }
                case 2: if let value = try json.int64() { self.remainingTTL = value }
                default: break
                }
            }
        }
    }
}

extension Leasepb {
    package struct LeaseInternalRequest: WireMessage {
        package var leaseTimeToLiveRequest: Etcdserverpb.LeaseTimeToLiveRequest?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.leaseTimeToLiveRequest)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.leaseTimeToLiveRequest)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.leaseTimeToLiveRequest)
        }
        package static var jsonNames: StaticString { "LeaseTimeToLiveRequest" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("LeaseTimeToLiveRequest", message: self.leaseTimeToLiveRequest)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.LeaseTimeToLiveRequest = try json.message() { self.leaseTimeToLiveRequest = value }
                default: break
                }
            }
        }
    }
}

extension Leasepb {
    package struct LeaseInternalResponse: WireMessage {
        package var leaseTimeToLiveResponse: Etcdserverpb.LeaseTimeToLiveResponse?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.leaseTimeToLiveResponse)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.leaseTimeToLiveResponse)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.leaseTimeToLiveResponse)
        }
        package static var jsonNames: StaticString { "LeaseTimeToLiveResponse" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("LeaseTimeToLiveResponse", message: self.leaseTimeToLiveResponse)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.LeaseTimeToLiveResponse = try json.message() { self.leaseTimeToLiveResponse = value }
                default: break
                }
            }
        }
    }
}
