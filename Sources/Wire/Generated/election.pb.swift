// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension V3electionpb {
    package struct CampaignRequest: WireMessage {
        package var name: [UInt8] = []
        package var lease: Int64 = 0
        package var value: [UInt8] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.bytes(span, tag)
                case 2: self.lease = try cursor.int64(span, tag)
                case 3: self.value = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.name)
            size &+= FieldSize.of(0x10, int64: self.lease)
            size &+= FieldSize.of(0x1a, bytes: self.value)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.name)
            buffer.field(0x10, int64: self.lease)
            buffer.field(0x1a, bytes: self.value)
        }
        package static var jsonNames: StaticString { "name,lease,value" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", bytes: self.name)
            json.field("lease", int64: self.lease)
            json.field("value", bytes: self.value)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.name = value }
                case 1: if let value = try json.int64() { self.lease = value }
                case 2: if let value = try json.bytes() { self.value = value }
                default: break
                }
            }
        }
    }
}

extension V3electionpb {
    package struct CampaignResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var leader: V3electionpb.LeaderKey?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, into: &self.leader)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x12, message: self.leader)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x12, message: self.leader)
        }
        package static var jsonNames: StaticString { "header,leader" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("leader", message: self.leader)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value: V3electionpb.LeaderKey = try json.message() { self.leader = value }
                default: break
                }
            }
        }
    }
}

extension V3electionpb {
    package struct LeaderKey: WireMessage {
        package var name: [UInt8] = []
        package var key: [UInt8] = []
        package var rev: Int64 = 0
        package var lease: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.bytes(span, tag)
                case 2: self.key = try cursor.bytes(span, tag)
                case 3: self.rev = try cursor.int64(span, tag)
                case 4: self.lease = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.name)
            size &+= FieldSize.of(0x12, bytes: self.key)
            size &+= FieldSize.of(0x18, int64: self.rev)
            size &+= FieldSize.of(0x20, int64: self.lease)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.name)
            buffer.field(0x12, bytes: self.key)
            buffer.field(0x18, int64: self.rev)
            buffer.field(0x20, int64: self.lease)
        }
        package static var jsonNames: StaticString { "name,key,rev,lease" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", bytes: self.name)
            json.field("key", bytes: self.key)
            json.field("rev", int64: self.rev)
            json.field("lease", int64: self.lease)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.name = value }
                case 1: if let value = try json.bytes() { self.key = value }
                case 2: if let value = try json.int64() { self.rev = value }
                case 3: if let value = try json.int64() { self.lease = value }
                default: break
                }
            }
        }
    }
}

extension V3electionpb {
    package struct LeaderRequest: WireMessage {
        package var name: [UInt8] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.name)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.name)
        }
        package static var jsonNames: StaticString { "name" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", bytes: self.name)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.name = value }
                default: break
                }
            }
        }
    }
}

extension V3electionpb {
    package struct LeaderResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var kv: Mvccpb.KeyValue?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, into: &self.kv)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x12, message: self.kv)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x12, message: self.kv)
        }
        package static var jsonNames: StaticString { "header,kv" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("kv", message: self.kv)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value: Mvccpb.KeyValue = try json.message() { self.kv = value }
                default: break
                }
            }
        }
    }
}

extension V3electionpb {
    package struct ProclaimRequest: WireMessage {
        package var leader: V3electionpb.LeaderKey?
        package var value: [UInt8] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.leader)
                case 2: self.value = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.leader)
            size &+= FieldSize.of(0x12, bytes: self.value)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.leader)
            buffer.field(0x12, bytes: self.value)
        }
        package static var jsonNames: StaticString { "leader,value" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("leader", message: self.leader)
            json.field("value", bytes: self.value)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: V3electionpb.LeaderKey = try json.message() { self.leader = value }
                case 1: if let value = try json.bytes() { self.value = value }
                default: break
                }
            }
        }
    }
}

extension V3electionpb {
    package struct ProclaimResponse: WireMessage {
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

extension V3electionpb {
    package struct ResignRequest: WireMessage {
        package var leader: V3electionpb.LeaderKey?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.leader)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.leader)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.leader)
        }
        package static var jsonNames: StaticString { "leader" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("leader", message: self.leader)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: V3electionpb.LeaderKey = try json.message() { self.leader = value }
                default: break
                }
            }
        }
    }
}

extension V3electionpb {
    package struct ResignResponse: WireMessage {
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
