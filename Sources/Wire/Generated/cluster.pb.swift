// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    package struct Member: WireMessage {
        package var id: UInt64 = 0
        package var name: String = ""
        package var peerURLs: [String] = []
        package var clientURLs: [String] = []
        package var isLearner: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                case 2: self.name = try cursor.string(span, tag)
                case 3: self.peerURLs.append(try cursor.string(span, tag))
                case 4: self.clientURLs.append(try cursor.string(span, tag))
                case 5: self.isLearner = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.id)
            size &+= FieldSize.of(0x12, string: self.name)
            for value in self.peerURLs { size &+= FieldSize.of(0x1a, always: value) }
            for value in self.clientURLs { size &+= FieldSize.of(0x22, always: value) }
            size &+= FieldSize.of(0x28, bool: self.isLearner)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.id)
            buffer.field(0x12, string: self.name)
            for value in self.peerURLs { buffer.field(0x1a, always: value) }
            for value in self.clientURLs { buffer.field(0x22, always: value) }
            buffer.field(0x28, bool: self.isLearner)
        }
        package static var jsonNames: StaticString { "ID,name,peerURLs,clientURLs,isLearner" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", uint64: self.id)
            json.field("name", string: self.name)
            json.field("peerURLs", list: self.peerURLs)
            json.field("clientURLs", list: self.clientURLs)
            json.field("isLearner", bool: self.isLearner)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                case 1: if let value = try json.string() { self.name = value }
                case 2: try json.read(list: &self.peerURLs)
                case 3: try json.read(list: &self.clientURLs)
                case 4: if let value = try json.bool() { self.isLearner = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberAddRequest: WireMessage {
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
        package static var jsonNames: StaticString { "peerURLs,isLearner" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("peerURLs", list: self.peerURLs)
            json.field("isLearner", bool: self.isLearner)
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

extension Etcdserverpb {
    package struct MemberAddResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var member: Etcdserverpb.Member?
        package var members: [Etcdserverpb.Member] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, into: &self.member)
                case 3: try cursor.message(span, tag, appendingTo: &self.members)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x12, message: self.member)
            for value in self.members { size &+= FieldSize.of(0x1a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x12, message: self.member)
            for value in self.members { buffer.field(0x1a, always: value) }
        }
        package static var jsonNames: StaticString { "header,member,members" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("member", message: self.member)
            json.field("members", list: self.members)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value: Etcdserverpb.Member = try json.message() { self.member = value }
                case 2: try json.read(list: &self.members)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberListRequest: WireMessage {
        package var linearizable: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.linearizable = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, bool: self.linearizable)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, bool: self.linearizable)
        }
        package static var jsonNames: StaticString { "linearizable" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("linearizable", bool: self.linearizable)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bool() { self.linearizable = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberListResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var members: [Etcdserverpb.Member] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.members)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.members { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.members { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,members" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("members", list: self.members)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.members)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberPromoteRequest: WireMessage {
        package var id: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.id)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.id)
        }
        package static var jsonNames: StaticString { "ID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", uint64: self.id)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberPromoteResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var members: [Etcdserverpb.Member] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.members)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.members { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.members { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,members" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("members", list: self.members)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.members)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberRemoveRequest: WireMessage {
        package var id: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.id)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.id)
        }
        package static var jsonNames: StaticString { "ID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", uint64: self.id)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberRemoveResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var members: [Etcdserverpb.Member] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.members)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.members { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.members { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,members" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("members", list: self.members)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.members)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberUpdateRequest: WireMessage {
        package var id: UInt64 = 0
        package var peerURLs: [String] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                case 2: self.peerURLs.append(try cursor.string(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.id)
            for value in self.peerURLs { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.id)
            for value in self.peerURLs { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "ID,peerURLs" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", uint64: self.id)
            json.field("peerURLs", list: self.peerURLs)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                case 1: try json.read(list: &self.peerURLs)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MemberUpdateResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var members: [Etcdserverpb.Member] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.members)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.members { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.members { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,members" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("members", list: self.members)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.members)
                default: break
                }
            }
        }
    }
}
