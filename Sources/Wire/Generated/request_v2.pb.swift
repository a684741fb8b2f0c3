// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    package struct Request: WireMessage {
        package var id: UInt64 = 0
        package var method: String = ""
        package var path: String = ""
        package var val: String = ""
        package var dir: Bool = false
        package var prevValue: String = ""
        package var prevIndex: UInt64 = 0
        package var prevExist: Bool?
        package var expiration: Int64 = 0
        package var wait: Bool = false
        package var since: UInt64 = 0
        package var recursive: Bool = false
        package var sorted: Bool = false
        package var quorum: Bool = false
        package var time: Int64 = 0
        package var stream: Bool = false
        package var refresh: Bool?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                case 2: self.method = try cursor.string(span, tag)
                case 3: self.path = try cursor.string(span, tag)
                case 4: self.val = try cursor.string(span, tag)
                case 5: self.dir = try cursor.bool(span, tag)
                case 6: self.prevValue = try cursor.string(span, tag)
                case 7: self.prevIndex = try cursor.uint64(span, tag)
                case 8: self.prevExist = try cursor.bool(span, tag)
                case 9: self.expiration = try cursor.int64(span, tag)
                case 10: self.wait = try cursor.bool(span, tag)
                case 11: self.since = try cursor.uint64(span, tag)
                case 12: self.recursive = try cursor.bool(span, tag)
                case 13: self.sorted = try cursor.bool(span, tag)
                case 14: self.quorum = try cursor.bool(span, tag)
                case 15: self.time = try cursor.int64(span, tag)
                case 16: self.stream = try cursor.bool(span, tag)
                case 17: self.refresh = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: self.id)
            size &+= FieldSize.of(0x12, always: self.method)
            size &+= FieldSize.of(0x1a, always: self.path)
            size &+= FieldSize.of(0x22, always: self.val)
            size &+= FieldSize.of(0x28, always: self.dir ? 1 : 0)
            size &+= FieldSize.of(0x32, always: self.prevValue)
            size &+= FieldSize.of(0x38, always: self.prevIndex)
            if let value = self.prevExist { size &+= FieldSize.of(0x40, always: value ? 1 : 0) }
            size &+= FieldSize.of(0x48, always: UInt64(bitPattern: self.expiration))
            size &+= FieldSize.of(0x50, always: self.wait ? 1 : 0)
            size &+= FieldSize.of(0x58, always: self.since)
            size &+= FieldSize.of(0x60, always: self.recursive ? 1 : 0)
            size &+= FieldSize.of(0x68, always: self.sorted ? 1 : 0)
            size &+= FieldSize.of(0x70, always: self.quorum ? 1 : 0)
            size &+= FieldSize.of(0x78, always: UInt64(bitPattern: self.time))
            size &+= FieldSize.of(0x80, always: self.stream ? 1 : 0)
            if let value = self.refresh { size &+= FieldSize.of(0x88, always: value ? 1 : 0) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: self.id)
            buffer.field(0x12, always: self.method)
            buffer.field(0x1a, always: self.path)
            buffer.field(0x22, always: self.val)
            buffer.field(0x28, always: self.dir ? 1 : 0)
            buffer.field(0x32, always: self.prevValue)
            buffer.field(0x38, always: self.prevIndex)
            if let value = self.prevExist { buffer.field(0x40, always: value ? 1 : 0) }
            buffer.field(0x48, always: UInt64(bitPattern: self.expiration))
            buffer.field(0x50, always: self.wait ? 1 : 0)
            buffer.field(0x58, always: self.since)
            buffer.field(0x60, always: self.recursive ? 1 : 0)
            buffer.field(0x68, always: self.sorted ? 1 : 0)
            buffer.field(0x70, always: self.quorum ? 1 : 0)
            buffer.field(0x78, always: UInt64(bitPattern: self.time))
            buffer.field(0x80, always: self.stream ? 1 : 0)
            if let value = self.refresh { buffer.field(0x88, always: value ? 1 : 0) }
        }
        package static var jsonNames: StaticString { "ID,Method,Path,Val,Dir,PrevValue,PrevIndex,PrevExist,Expiration,Wait,Since,Recursive,Sorted,Quorum,Time,Stream,Refresh" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", always: self.id)
            json.field("Method", always: self.method)
            json.field("Path", always: self.path)
            json.field("Val", always: self.val)
            json.field("Dir", always: self.dir)
            json.field("PrevValue", always: self.prevValue)
            json.field("PrevIndex", always: self.prevIndex)
            if let value = self.prevExist { json.field("PrevExist", always: value) }
            json.field("Expiration", always: self.expiration)
            json.field("Wait", always: self.wait)
            json.field("Since", always: self.since)
            json.field("Recursive", always: self.recursive)
            json.field("Sorted", always: self.sorted)
            json.field("Quorum", always: self.quorum)
            json.field("Time", always: self.time)
            json.field("Stream", always: self.stream)
            if let value = self.refresh { json.field("Refresh", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                case 1: if let value = try json.string() { self.method = value }
                case 2: if let value = try json.string() { self.path = value }
                case 3: if let value = try json.string() { self.val = value }
                case 4: if let value = try json.bool() { self.dir = value }
                case 5: if let value = try json.string() { self.prevValue = value }
                case 6: if let value = try json.uint64() { self.prevIndex = value }
                case 7: if let value = try json.bool() { self.prevExist = value }
                case 8: if let value = try json.int64() { self.expiration = value }
                case 9: if let value = try json.bool() { self.wait = value }
                case 10: if let value = try json.uint64() { self.since = value }
                case 11: if let value = try json.bool() { self.recursive = value }
                case 12: if let value = try json.bool() { self.sorted = value }
                case 13: if let value = try json.bool() { self.quorum = value }
                case 14: if let value = try json.int64() { self.time = value }
                case 15: if let value = try json.bool() { self.stream = value }
                case 16: if let value = try json.bool() { self.refresh = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct Metadata: WireMessage {
        package var nodeID: UInt64 = 0
        package var clusterID: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.nodeID = try cursor.uint64(span, tag)
                case 2: self.clusterID = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: self.nodeID)
            size &+= FieldSize.of(0x10, always: self.clusterID)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: self.nodeID)
            buffer.field(0x10, always: self.clusterID)
        }
        package static var jsonNames: StaticString { "NodeID,ClusterID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("NodeID", always: self.nodeID)
            json.field("ClusterID", always: self.clusterID)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.nodeID = value }
                case 1: if let value = try json.uint64() { self.clusterID = value }
                default: break
                }
            }
        }
    }
}
