// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Snappb {
    package struct Snapshot: WireMessage {
        package var crc: UInt32 = 0
        package var data: [UInt8]?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.crc = try cursor.uint32(span, tag)
                case 2: self.data = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: UInt64(self.crc))
            if let value = self.data { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: UInt64(self.crc))
            if let value = self.data { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "crc,data" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("crc", always: self.crc)
            if let value = self.data { json.field("data", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint32() { self.crc = value }
                case 1: if let value = try json.bytes() { self.data = value }
                default: break
                }
            }
        }
    }
}
