import Base

extension ConfigurationChange {
    /// Decodes an entry's data (raftpb.ConfChange or ConfChangeV2, by `kind`). Unknown fields are skipped; an unknown step
    /// or transition is an error, because leaving it out would let members disagree about who counts.
    package init(decoding data: Bytes, kind: EntryKind) throws(RaftError) {
        switch kind {
        case .normal: throw .malformedConfigurationChange("a normal entry holds no membership change")
        case .configurationChange: try self.init(decodingV1: data)
        case .configurationChangeV2: try self.init(decodingV2: data)
        }
    }

    private init(decodingV1 data: Bytes) throws(RaftError) {
        var fields = ProtobufFields(data)
        var id: UInt64 = 0
        var kind: UInt64 = 0
        var member: UInt64 = 0
        var context = Bytes()
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .varint(let value)): id = value
            case (2, .varint(let value)): kind = value
            case (3, .varint(let value)): member = value
            case (4, .bytes(let value)): context = value
            case (_, .varint), (_, .bytes), (_, .skipped): break
            }
        }
        self.init(id: id, [Single(try Kind(checking: kind), MemberID(member))], context: context)
    }

    private init(decodingV2 data: Bytes) throws(RaftError) {
        var fields = ProtobufFields(data)
        var transition: UInt64 = 0
        var changes: [Single] = []
        var context = Bytes()
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .varint(let value)): transition = value
            case (2, .bytes(let value)): changes.append(try Single(decoding: value))
            case (3, .bytes(let value)): context = value
            case (_, .varint), (_, .bytes), (_, .skipped): break
            }
        }
        guard transition <= 2, let known = Transition(rawValue: UInt8(transition)) else {
            throw .malformedConfigurationChange("unknown transition \(transition)")
        }
        self.init(transition: known, changes, context: context)
    }

    /// As raftpb.ConfChange, all scalar fields written (formats.md, "Protobuf dialect"). Requires a single step.
    package func encodedV1() -> Bytes {
        precondition(changes.count == 1 && transition == .automatic)
        var buffer = ByteBuffer()
        buffer.append(tag: 1, varint: id)
        buffer.append(tag: 2, varint: UInt64(changes[0].kind.rawValue))
        buffer.append(tag: 3, varint: changes[0].member.rawValue)
        if !context.isEmpty { buffer.append(tag: 4, bytes: context) }
        return Bytes(buffer.freeze())
    }

    /// As raftpb.ConfChangeV2.
    package func encodedV2() -> Bytes {
        var buffer = ByteBuffer()
        buffer.append(tag: 1, varint: UInt64(transition.rawValue))
        for change in changes {
            var single = ByteBuffer()
            single.append(tag: 1, varint: UInt64(change.kind.rawValue))
            single.append(tag: 2, varint: change.member.rawValue)
            buffer.append(tag: 2, bytes: Bytes(single.freeze()))
        }
        if !context.isEmpty { buffer.append(tag: 3, bytes: context) }
        return Bytes(buffer.freeze())
    }
}

extension ConfigurationChange.Kind {
    fileprivate init(checking value: UInt64) throws(RaftError) {
        guard value <= 3, let kind = ConfigurationChange.Kind(rawValue: UInt8(value)) else {
            throw .malformedConfigurationChange("unknown step \(value)")
        }
        self = kind
    }
}

extension ConfigurationChange.Single {
    fileprivate init(decoding data: Bytes) throws(RaftError) {
        var fields = ProtobufFields(data)
        var kind: UInt64 = 0
        var member: UInt64 = 0
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .varint(let value)): kind = value
            case (2, .varint(let value)): member = value
            case (_, .varint), (_, .bytes), (_, .skipped): break
            }
        }
        self.init(try ConfigurationChange.Kind(checking: kind), MemberID(member))
    }
}

extension ByteBuffer {
    fileprivate mutating func append(tag: UInt64, varint value: UInt64) {
        append(varint: tag << 3)
        append(varint: value)
    }

    fileprivate mutating func append(tag: UInt64, bytes: Bytes) {
        append(varint: tag << 3 | 2)
        append(varint: UInt64(bytes.count))
        append(bytes.span)
    }
}

/// The fields of a protobuf message, one after the other. Two small messages are all this module reads, so that it need not
/// know the generated ones.
private struct ProtobufFields {
    enum Value {
        case varint(UInt64)
        case bytes(Bytes)
        /// Of a width that no known field has.
        case skipped
    }

    let data: Bytes
    var position = 0

    init(_ data: Bytes) { self.data = data }

    mutating func next() throws(RaftError) -> (number: UInt64, value: Value)? {
        guard position < data.count else { return nil }
        let tag = try varint()
        guard tag >> 3 != 0 else { throw .malformedConfigurationChange("field number 0") }
        switch tag & 7 {
        case 0: return (tag >> 3, .varint(try varint()))
        case 1: return (tag >> 3, try skip(8))
        case 2:
            let count = try varint()
            guard count <= UInt64(data.count - position) else { throw .malformedConfigurationChange("it ends inside a field") }
            defer { position += Int(count) }
            return (tag >> 3, .bytes(data.slice(position, count: Int(count))))
        case 5: return (tag >> 3, try skip(4))
        default: throw .malformedConfigurationChange("unknown wire type \(tag & 7)")
        }
    }

    private mutating func skip(_ count: Int) throws(RaftError) -> Value {
        guard data.count - position >= count else { throw .malformedConfigurationChange("it ends inside a field") }
        position += count
        return .skipped
    }

    private mutating func varint() throws(RaftError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard position < data.count else { throw .malformedConfigurationChange("it ends inside a field") }
            let byte = data.span.byte(at: position)
            position += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw .malformedConfigurationChange("a number is longer than ten bytes")
    }
}
