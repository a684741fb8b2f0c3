// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    package struct AuthDisableRequest: WireMessage {
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
    package struct AuthDisableResponse: WireMessage {
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
    package struct AuthEnableRequest: WireMessage {
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
    package struct AuthEnableResponse: WireMessage {
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
    package struct AuthRoleAddRequest: WireMessage {
        package var name: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
        }
        package static var jsonNames: StaticString { "name" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthRoleAddResponse: WireMessage {
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
    package struct AuthRoleDeleteRequest: WireMessage {
        package var role: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.role = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.role)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.role)
        }
        package static var jsonNames: StaticString { "role" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("role", string: self.role)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.role = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthRoleDeleteResponse: WireMessage {
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
    package struct AuthRoleGetRequest: WireMessage {
        package var role: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.role = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.role)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.role)
        }
        package static var jsonNames: StaticString { "role" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("role", string: self.role)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.role = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthRoleGetResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var perm: [Authpb.Permission] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.perm)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.perm { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.perm { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,perm" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("perm", list: self.perm)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.perm)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthRoleGrantPermissionRequest: WireMessage {
        package var name: String = ""
        package var perm: Authpb.Permission?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                case 2: try cursor.message(span, tag, into: &self.perm)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            size &+= FieldSize.of(0x12, message: self.perm)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
            buffer.field(0x12, message: self.perm)
        }
        package static var jsonNames: StaticString { "name,perm" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.field("perm", message: self.perm)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                case 1: if let value: Authpb.Permission = try json.message() { self.perm = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthRoleGrantPermissionResponse: WireMessage {
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
    package struct AuthRoleListRequest: WireMessage {
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
    package struct AuthRoleListResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var roles: [String] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.roles.append(try cursor.string(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.roles { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.roles { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,roles" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("roles", list: self.roles)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.roles)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthRoleRevokePermissionRequest: WireMessage {
        package var role: String = ""
        package var key: [UInt8] = []
        package var rangeEnd: [UInt8] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.role = try cursor.string(span, tag)
                case 2: self.key = try cursor.bytes(span, tag)
                case 3: self.rangeEnd = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.role)
            size &+= FieldSize.of(0x12, bytes: self.key)
            size &+= FieldSize.of(0x1a, bytes: self.rangeEnd)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.role)
            buffer.field(0x12, bytes: self.key)
            buffer.field(0x1a, bytes: self.rangeEnd)
        }
        package static var jsonNames: StaticString { "role,key,range_end|rangeEnd" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("role", string: self.role)
            json.field("key", bytes: self.key)
            json.field("range_end", bytes: self.rangeEnd)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.role = value }
                case 1: if let value = try json.bytes() { self.key = value }
                case 2: if let value = try json.bytes() { self.rangeEnd = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthRoleRevokePermissionResponse: WireMessage {
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
    package struct AuthStatusRequest: WireMessage {
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
    package struct AuthStatusResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var enabled: Bool = false
        package var authRevision: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.enabled = try cursor.bool(span, tag)
                case 3: self.authRevision = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, bool: self.enabled)
            size &+= FieldSize.of(0x18, uint64: self.authRevision)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, bool: self.enabled)
            buffer.field(0x18, uint64: self.authRevision)
        }
        package static var jsonNames: StaticString { "header,enabled,authRevision" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("enabled", bool: self.enabled)
            json.field("authRevision", uint64: self.authRevision)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.bool() { self.enabled = value }
                case 2: if let value = try json.uint64() { self.authRevision = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserAddRequest: WireMessage {
        package var name: String = ""
        package var password: String = ""
        package var options: Authpb.UserAddOptions?
        package var hashedPassword: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                case 2: self.password = try cursor.string(span, tag)
                case 3: try cursor.message(span, tag, into: &self.options)
                case 4: self.hashedPassword = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            size &+= FieldSize.of(0x12, string: self.password)
            size &+= FieldSize.of(0x1a, message: self.options)
            size &+= FieldSize.of(0x22, string: self.hashedPassword)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
            buffer.field(0x12, string: self.password)
            buffer.field(0x1a, message: self.options)
            buffer.field(0x22, string: self.hashedPassword)
        }
        package static var jsonNames: StaticString { "name,password,options,hashedPassword" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.field("password", string: self.password)
            json.field("options", message: self.options)
            json.field("hashedPassword", string: self.hashedPassword)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                case 1: if let value = try json.string() { self.password = value }
                case 2: if let value: Authpb.UserAddOptions = try json.message() { self.options = value }
                case 3: if let value = try json.string() { self.hashedPassword = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserAddResponse: WireMessage {
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
    package struct AuthUserChangePasswordRequest: WireMessage {
        package var name: String = ""
        package var password: String = ""
        package var hashedPassword: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                case 2: self.password = try cursor.string(span, tag)
                case 3: self.hashedPassword = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            size &+= FieldSize.of(0x12, string: self.password)
            size &+= FieldSize.of(0x1a, string: self.hashedPassword)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
            buffer.field(0x12, string: self.password)
            buffer.field(0x1a, string: self.hashedPassword)
        }
        package static var jsonNames: StaticString { "name,password,hashedPassword" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.field("password", string: self.password)
            json.field("hashedPassword", string: self.hashedPassword)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                case 1: if let value = try json.string() { self.password = value }
                case 2: if let value = try json.string() { self.hashedPassword = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserChangePasswordResponse: WireMessage {
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
    package struct AuthUserDeleteRequest: WireMessage {
        package var name: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
        }
        package static var jsonNames: StaticString { "name" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserDeleteResponse: WireMessage {
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
    package struct AuthUserGetRequest: WireMessage {
        package var name: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
        }
        package static var jsonNames: StaticString { "name" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserGetResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var roles: [String] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.roles.append(try cursor.string(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.roles { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.roles { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,roles" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("roles", list: self.roles)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.roles)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserGrantRoleRequest: WireMessage {
        package var user: String = ""
        package var role: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.user = try cursor.string(span, tag)
                case 2: self.role = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.user)
            size &+= FieldSize.of(0x12, string: self.role)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.user)
            buffer.field(0x12, string: self.role)
        }
        package static var jsonNames: StaticString { "user,role" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("user", string: self.user)
            json.field("role", string: self.role)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.user = value }
                case 1: if let value = try json.string() { self.role = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserGrantRoleResponse: WireMessage {
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
    package struct AuthUserListRequest: WireMessage {
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
    package struct AuthUserListResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var users: [String] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.users.append(try cursor.string(span, tag))
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.users { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.users { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,users" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("users", list: self.users)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.users)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserRevokeRoleRequest: WireMessage {
        package var name: String = ""
        package var role: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                case 2: self.role = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            size &+= FieldSize.of(0x12, string: self.role)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
            buffer.field(0x12, string: self.role)
        }
        package static var jsonNames: StaticString { "name,role" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.field("role", string: self.role)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                case 1: if let value = try json.string() { self.role = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthUserRevokeRoleResponse: WireMessage {
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
    package struct AuthenticateRequest: WireMessage {
        package var name: String = ""
        package var password: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                case 2: self.password = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            size &+= FieldSize.of(0x12, string: self.password)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
            buffer.field(0x12, string: self.password)
        }
        package static var jsonNames: StaticString { "name,password" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.field("password", string: self.password)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                case 1: if let value = try json.string() { self.password = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct AuthenticateResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var token: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.token = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x12, string: self.token)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x12, string: self.token)
        }
        package static var jsonNames: StaticString { "header,token" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("token", string: self.token)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.string() { self.token = value }
                default: break
                }
            }
        }
    }
}
