// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Membershippb {
    package struct Attributes: WireMessage {
        package var name: String = ""
        package var clientURLs: [String] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                case 2: self.clientURLs.append(try cursor.string(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            for value in self.clientURLs { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
            for value in self.clientURLs { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "name,client_urls|clientUrls" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.field("client_urls", list: self.clientURLs)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                case 1: try json.read(list: &self.clientURLs)
                default: break
                }
            }
        }
    }
}

extension Membershippb {
    package struct ClusterMemberAttrSetRequest: WireMessage {
        package var memberID: UInt64 = 0
        package var memberAttributes: Membershippb.Attributes?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.memberID = try cursor.uint64(span, tag)
                case 2: try cursor.message(span, tag, into: &self.memberAttributes)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.memberID)
            size &+= FieldSize.of(0x12, message: self.memberAttributes)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.memberID)
            buffer.field(0x12, message: self.memberAttributes)
        }
        package static var jsonNames: StaticString { "member_ID|memberID,member_attributes|memberAttributes" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("member_ID", uint64: self.memberID)
            json.field("member_attributes", message: self.memberAttributes)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.memberID = value }
                case 1: if let value: Membershippb.Attributes = try json.message() { self.memberAttributes = value }
                default: break
                }
            }
        }
    }
}

extension Membershippb {
    package struct ClusterVersionSetRequest: WireMessage {
        package var ver: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.ver = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.ver)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.ver)
        }
        package static var jsonNames: StaticString { "ver" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ver", string: self.ver)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.ver = value }
                default: break
                }
            }
        }
    }
}

extension Membershippb {
    package struct DowngradeInfoSetRequest: WireMessage {
        package var enabled: Bool = false
        package var ver: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.enabled = try cursor.bool(span, tag)
                case 2: self.ver = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, bool: self.enabled)
            size &+= FieldSize.of(0x12, string: self.ver)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, bool: self.enabled)
            buffer.field(0x12, string: self.ver)
        }
        package static var jsonNames: StaticString { "enabled,ver" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("enabled", bool: self.enabled)
            json.field("ver", string: self.ver)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bool() { self.enabled = value }
                case 1: if let value = try json.string() { self.ver = value }
                default: break
                }
            }
        }
    }
}

extension Membershippb {
    package struct Member: WireMessage {
        package var id: UInt64 = 0
        package var raftAttributes: Membershippb.RaftAttributes?
        package var memberAttributes: Membershippb.Attributes?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                case 2: try cursor.message(span, tag, into: &self.raftAttributes)
                case 3: try cursor.message(span, tag, into: &self.memberAttributes)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.id)
            size &+= FieldSize.of(0x12, message: self.raftAttributes)
            size &+= FieldSize.of(0x1a, message: self.memberAttributes)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.id)
            buffer.field(0x12, message: self.raftAttributes)
            buffer.field(0x1a, message: self.memberAttributes)
        }
        package static var jsonNames: StaticString { "ID,raft_attributes|raftAttributes,member_attributes|memberAttributes" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", uint64: self.id)
            json.field("raft_attributes", message: self.raftAttributes)
            json.field("member_attributes", message: self.memberAttributes)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                case 1: if let value: Membershippb.RaftAttributes = try json.message() { self.raftAttributes = value }
                case 2: if let value: Membershippb.Attributes = try json.message() { self.memberAttributes = value }
                default: break
                }
            }
        }
    }
}

extension Membershippb {
    package struct RaftAttributes: WireMessage {
        package var peerURLs: [String] = []
        package var isLearner: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.peerURLs.append(try cursor.string(span, tag))
                case 2: self.isLearner = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            for value in self.peerURLs { size &+= FieldSize.of(0xa, always: value) }
            size &+= FieldSize.of(0x10, bool: self.isLearner)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            for value in self.peerURLs { buffer.field(0xa, always: value) }
            buffer.field(0x10, bool: self.isLearner)
        }
        package static var jsonNames: StaticString { "peer_urls|peerUrls,is_learner|isLearner" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("peer_urls", list: self.peerURLs)
            json.field("is_learner", bool: self.isLearner)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: try json.read(list: &self.peerURLs)
                case 1: if let value = try json.bool() { self.isLearner = value }
                default: break
                }
            }
        }
    }
}
