/// A field as the emitted code needs it: the decisions that every part of the output shares.
struct Field {
    enum Presence {
        /// proto3: a zero is not written.
        case implicit
        /// Written even when zero.
        case always
        /// nil or a value.
        case optional
        case repeated
        /// A case of the oneof with this property name.
        case oneof(String)
    }

    let descriptor: FieldDescriptor
    let name: String
    let presence: Presence
    /// The type of one value.
    let elementType: String
    let isPacked: Bool

    init(_ descriptor: FieldDescriptor, of message: MessageDescriptor, in file: FileDescriptor, packages: Set<String>) {
        self.descriptor = descriptor
        name = Names.member(descriptor.name)
        isPacked = descriptor.isPacked ?? file.isProto3
        presence =
            if descriptor.isRepeated {
                .repeated
            } else if let index = descriptor.oneof {
                .oneof(Names.member(message.oneofs[index]))
            } else if descriptor.isAlwaysEncoded {
                .always
            } else if file.isProto3, descriptor.kind != .message {
                .implicit
            } else {
                .optional
            }
        elementType =
            switch descriptor.kind {
            case .int64: "Int64"
            case .uint64: "UInt64"
            case .uint32: "UInt32"
            case .bool: "Bool"
            case .string: "String"
            case .bytes: "[UInt8]"
            case .message, .enumeration: Names.qualified(descriptor.typeName, packages: packages)
            }
    }

    var kind: FieldDescriptor.Kind { descriptor.kind }

    var tag: String {
        let wireType =
            switch kind {
            case .string, .bytes, .message: 2
            case .int64, .uint64, .uint32, .bool, .enumeration: descriptor.isRepeated && isPacked ? 2 : 0
            }
        return "0x" + String(descriptor.number << 3 | wireType, radix: 16)
    }

    /// Both names of the field in JSON.
    var jsonNames: String {
        descriptor.jsonName == descriptor.name ? descriptor.name : descriptor.name + "|" + descriptor.jsonName
    }

    var zero: String {
        switch kind {
        case .int64, .uint64, .uint32: "0"
        case .bool: "false"
        case .string: "\"\""
        case .bytes: "[]"
        case .message, .enumeration: elementType + "()"
        }
    }

    /// The stored property; none for a case of a oneof.
    var declaration: String? {
        switch presence {
        case .implicit, .always: "package var \(name): \(elementType) = \(zero)"
        case .optional: "package var \(name): \(elementType)?"
        case .repeated: "package var \(name): [\(elementType)] = []"
        case .oneof: nil
        }
    }

    /// `value` as the operand of the `always:` methods of ByteBuffer and FieldSize.
    func wireValue(_ value: String) -> String {
        switch kind {
        case .int64: "UInt64(bitPattern: \(value))"
        case .uint64, .string, .bytes, .message: value
        case .uint32: "UInt64(\(value))"
        case .bool: "\(value) ? 1 : 0"
        case .enumeration: "UInt64(bitPattern: Int64(\(value).rawValue))"
        }
    }

    /// The label of the methods that leave out zero values.
    var implicitLabel: String {
        switch kind {
        case .int64: "int64"
        case .uint64: "uint64"
        case .uint32: "uint32"
        case .bool: "bool"
        case .string: "string"
        case .bytes: "bytes"
        case .message: "message"
        case .enumeration: "enumeration"
        }
    }
}
