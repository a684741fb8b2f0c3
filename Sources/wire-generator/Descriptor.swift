/// What the generator uses of protoc's FileDescriptorSet (google/protobuf/descriptor.proto).
struct FileDescriptor {
    var name = ""
    var package = ""
    var isProto3 = false
    var messages: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []

    init(_ bytes: ArraySlice<UInt8>) {
        for field in DescriptorFields(bytes) {
            switch field.number {
            case 1: name = field.text
            case 2: package = field.text
            case 4: messages.append(MessageDescriptor(field.bytes))
            case 5: enums.append(EnumDescriptor(field.bytes))
            case 12: isProto3 = field.text == "proto3"
            default: break
            }
        }
    }

    static func set(_ bytes: [UInt8]) -> [FileDescriptor] {
        DescriptorFields(bytes[...]).filter { $0.number == 1 }.map { FileDescriptor($0.bytes) }
    }
}

struct MessageDescriptor {
    var name = ""
    var fields: [FieldDescriptor] = []
    var messages: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []
    var oneofs: [String] = []

    init(_ bytes: ArraySlice<UInt8>) {
        for field in DescriptorFields(bytes) {
            switch field.number {
            case 1: name = field.text
            case 2: fields.append(FieldDescriptor(field.bytes))
            case 3: messages.append(MessageDescriptor(field.bytes))
            case 4: enums.append(EnumDescriptor(field.bytes))
            case 8: oneofs += DescriptorFields(field.bytes).filter { $0.number == 1 }.map(\.text)
            default: break
            }
        }
        fields.sort { $0.number < $1.number }
    }
}

struct FieldDescriptor {
    enum Kind: UInt64 {
        case int64 = 3, uint64 = 4, bool = 8, string = 9, message = 11, bytes = 12, uint32 = 13, enumeration = 14
    }

    var name = ""
    var jsonName = ""
    var number = 0
    var kind = Kind.int64
    var isRepeated = false
    /// Fully qualified, with a leading dot.
    var typeName = ""
    var oneof: Int?
    var isPacked: Bool?
    /// The option of Protos/options.proto.
    var isAlwaysEncoded = false

    init(_ bytes: ArraySlice<UInt8>) {
        for field in DescriptorFields(bytes) {
            switch field.number {
            case 1: name = field.text
            case 3: number = Int(field.value)
            case 4: isRepeated = field.value == 3
            case 5:
                guard let kind = Kind(rawValue: field.value) else { fatalError("field \(name): type \(field.value) is not supported") }
                self.kind = kind
            case 6: typeName = field.text
            case 8: readOptions(field.bytes)
            case 9: oneof = Int(field.value)
            case 10: jsonName = field.text
            default: break
            }
        }
    }

    private mutating func readOptions(_ bytes: ArraySlice<UInt8>) {
        for option in DescriptorFields(bytes) {
            if option.number == 2 { isPacked = option.value != 0 }
            if option.number == 50000 { isAlwaysEncoded = option.value != 0 }
        }
    }
}

struct EnumDescriptor {
    var name = ""
    var values: [(name: String, number: Int32)] = []

    init(_ bytes: ArraySlice<UInt8>) {
        for field in DescriptorFields(bytes) {
            switch field.number {
            case 1: name = field.text
            case 2:
                let parts = DescriptorFields(field.bytes)
                let name = parts.first { $0.number == 1 }?.text ?? ""
                let number = parts.first { $0.number == 2 }?.value ?? 0
                values.append((name, Int32(truncatingIfNeeded: number)))
            default: break
            }
        }
    }
}

/// The fields of an encoded message, in order. Traps on malformed input: it comes from protoc.
struct DescriptorFields: Sequence, IteratorProtocol {
    struct Field {
        var number = 0
        var value: UInt64 = 0
        var bytes: ArraySlice<UInt8> = []
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> Field? {
        guard !rest.isEmpty else { return nil }
        let tag = varint()
        var field = Field(number: Int(tag >> 3))
        switch tag & 7 {
        case 0: field.value = varint()
        case 1: rest = rest.dropFirst(8)
        case 2:
            let length = Int(varint())
            field.bytes = rest.prefix(length)
            rest = rest.dropFirst(length)
        case 5: rest = rest.dropFirst(4)
        default: fatalError("descriptor set: wire type \(tag & 7)")
        }
        return field
    }

    private mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        fatalError("descriptor set: cut off")
    }
}
