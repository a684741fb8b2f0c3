// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Authpb {
    @usableFromInline
    package struct Permission: WireMessage {
        package var permType: Authpb.Permission.Kind = Authpb.Permission.Kind()
        package var key: [UInt8] = []
        package var rangeEnd: [UInt8] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.permType = try cursor.enumeration(span, tag)
                case 2: self.key = try cursor.bytes(span, tag)
                case 3: self.rangeEnd = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, enumeration: self.permType)
            size &+= FieldSize.of(0x12, bytes: self.key)
            size &+= FieldSize.of(0x1a, bytes: self.rangeEnd)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, enumeration: self.permType)
            buffer.field(0x12, bytes: self.key)
            buffer.field(0x1a, bytes: self.rangeEnd)
        }
        package static var jsonNames: StaticString { "permType,key,range_end|rangeEnd" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("permType", enumeration: self.permType)
            json.field("key", bytes: self.key)
            json.field("range_end", bytes: self.rangeEnd)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Authpb.Permission.Kind = try json.enumeration() { self.permType = value }
                case 1: if let value = try json.bytes() { self.key = value }
                case 2: if let value = try json.bytes() { self.rangeEnd = value }
                default: break
                }
            }
        }
    }
}

extension Authpb.Permission {
    @frozen @usableFromInline
    package struct Kind: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var read: Kind { Kind(rawValue: 0) }
        @inlinable package static var write: Kind { Kind(rawValue: 1) }
        @inlinable package static var readwrite: Kind { Kind(rawValue: 2) }
        @usableFromInline package static var names: StaticString { "READ=0,WRITE=1,READWRITE=2" }
    }
}

extension Authpb {
    package struct Role: WireMessage {
        package var name: [UInt8] = []
        package var keyPermission: [Authpb.Permission] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.bytes(span, tag)
                case 2: try cursor.message(span, tag, appendingTo: &self.keyPermission)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.name)
            for value in self.keyPermission { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.name)
            for value in self.keyPermission { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "name,keyPermission" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", bytes: self.name)
            json.field("keyPermission", list: self.keyPermission)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.name = value }
                case 1: try json.read(list: &self.keyPermission)
                default: break
                }
            }
        }
    }
}

extension Authpb {
    package struct User: WireMessage {
        package var name: [UInt8] = []
        package var password: [UInt8] = []
        package var roles: [String] = []
        package var options: Authpb.UserAddOptions?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.bytes(span, tag)
                case 2: self.password = try cursor.bytes(span, tag)
                case 3: self.roles.append(try cursor.string(span, tag))
                case 4: try cursor.message(span, tag, into: &self.options)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.name)
            size &+= FieldSize.of(0x12, bytes: self.password)
            for value in self.roles { size &+= FieldSize.of(0x1a, always: value) }
            size &+= FieldSize.of(0x22, message: self.options)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.name)
            buffer.field(0x12, bytes: self.password)
            for value in self.roles { buffer.field(0x1a, always: value) }
            buffer.field(0x22, message: self.options)
        }
        package static var jsonNames: StaticString { "name,password,roles,options" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", bytes: self.name)
            json.field("password", bytes: self.password)
            json.field("roles", list: self.roles)
            json.field("options", message: self.options)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.name = value }
                case 1: if let value = try json.bytes() { self.password = value }
                case 2: try json.read(list: &self.roles)
                case 3: if let value: Authpb.UserAddOptions = try json.message() { self.options = value }
                default: break
                }
            }
        }
    }
}

extension Authpb {
    package struct UserAddOptions: WireMessage {
        package var noPassword: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.noPassword = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, bool: self.noPassword)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, bool: self.noPassword)
        }
        package static var jsonNames: StaticString { "no_password|noPassword" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("no_password", bool: self.noPassword)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bool() { self.noPassword = value }
                default: break
                }
            }
        }
    }
}
