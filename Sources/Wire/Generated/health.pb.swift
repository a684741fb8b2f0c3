// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Grpchealth {
    package struct HealthCheckRequest: WireMessage {
        package var service: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.service = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.service)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.service)
        }
        package static var jsonNames: StaticString { "service" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("service", string: self.service)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.service = value }
                default: break
                }
            }
        }
    }
}

extension Grpchealth {
    @usableFromInline
    package struct HealthCheckResponse: WireMessage {
        package var status: Grpchealth.HealthCheckResponse.ServingStatus = Grpchealth.HealthCheckResponse.ServingStatus()
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.status = try cursor.enumeration(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, enumeration: self.status)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, enumeration: self.status)
        }
        package static var jsonNames: StaticString { "status" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("status", enumeration: self.status)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Grpchealth.HealthCheckResponse.ServingStatus = try json.enumeration() { self.status = value }
                default: break
                }
            }
        }
    }
}

extension Grpchealth.HealthCheckResponse {
    @frozen @usableFromInline
    package struct ServingStatus: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var unknown: ServingStatus { ServingStatus(rawValue: 0) }
        @inlinable package static var serving: ServingStatus { ServingStatus(rawValue: 1) }
        @inlinable package static var notServing: ServingStatus { ServingStatus(rawValue: 2) }
        @inlinable package static var serviceUnknown: ServingStatus { ServingStatus(rawValue: 3) }
        @usableFromInline package static var names: StaticString { "UNKNOWN=0,SERVING=1,NOT_SERVING=2,SERVICE_UNKNOWN=3" }
    }
}

extension Grpchealth {
    package struct HealthListRequest: WireMessage {
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

extension Grpchealth {
    package struct HealthListResponse: WireMessage {
        package var statuses: [Grpchealth.HealthListResponse.StatusesEntry] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, appendingTo: &self.statuses)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            for value in self.statuses { size &+= FieldSize.of(0xa, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            for value in self.statuses { buffer.field(0xa, always: value) }
        }
        package static var jsonNames: StaticString { "statuses" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("statuses", list: self.statuses)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: try json.read(list: &self.statuses)
                default: break
                }
            }
        }
    }
}

extension Grpchealth.HealthListResponse {
    package struct StatusesEntry: WireMessage {
        package var key: String = ""
        package var value: Grpchealth.HealthCheckResponse?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.key = try cursor.string(span, tag)
                case 2: try cursor.message(span, tag, into: &self.value)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.key)
            size &+= FieldSize.of(0x12, message: self.value)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.key)
            buffer.field(0x12, message: self.value)
        }
        package static var jsonNames: StaticString { "key,value" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("key", string: self.key)
            json.field("value", message: self.value)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.key = value }
                case 1: if let value: Grpchealth.HealthCheckResponse = try json.message() { self.value = value }
                default: break
                }
            }
        }
    }
}
