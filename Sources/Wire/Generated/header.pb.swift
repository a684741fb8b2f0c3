// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    package struct ResponseHeader: WireMessage {
        package var clusterID: UInt64 = 0
        package var memberID: UInt64 = 0
        package var revision: Int64 = 0
        package var raftTerm: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.clusterID = try cursor.uint64(span, tag)
                case 2: self.memberID = try cursor.uint64(span, tag)
                case 3: self.revision = try cursor.int64(span, tag)
                case 4: self.raftTerm = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.clusterID)
            size &+= FieldSize.of(0x10, uint64: self.memberID)
            size &+= FieldSize.of(0x18, int64: self.revision)
            size &+= FieldSize.of(0x20, uint64: self.raftTerm)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.clusterID)
            buffer.field(0x10, uint64: self.memberID)
            buffer.field(0x18, int64: self.revision)
            buffer.field(0x20, uint64: self.raftTerm)
        }
        package static var jsonNames: StaticString { "cluster_id|clusterId,member_id|memberId,revision,raft_term|raftTerm" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("cluster_id", uint64: self.clusterID)
            json.field("member_id", uint64: self.memberID)
            json.field("revision", int64: self.revision)
            json.field("raft_term", uint64: self.raftTerm)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.clusterID = value }
                case 1: if let value = try json.uint64() { self.memberID = value }
                case 2: if let value = try json.int64() { self.revision = value }
                case 3: if let value = try json.uint64() { self.raftTerm = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct EmptyResponse: WireMessage {
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
