import Base

/// raftpb.ConfState: who votes and who learns at some index.
package struct ConfigurationState: Hashable, Sendable {
    package var voters: [UInt64]
    package var learners: [UInt64]
    package var votersOutgoing: [UInt64]
    package var learnersNext: [UInt64]
    package var autoLeave: Bool

    package init(
        voters: [UInt64] = [], learners: [UInt64] = [], votersOutgoing: [UInt64] = [], learnersNext: [UInt64] = [], autoLeave: Bool = false
    ) {
        self.voters = voters
        self.learners = learners
        self.votersOutgoing = votersOutgoing
        self.learnersNext = learnersNext
        self.autoLeave = autoLeave
    }

    package var encodedSize: Int {
        var size = 2
        for list in [voters, learners, votersOutgoing, learnersNext] {
            for id in list { size += 1 + varintSize(id) }
        }
        return size
    }

    /// Appends the message: unpacked lists, `auto_leave` always, as releases up to 3.6 write it.
    package func encode(into buffer: inout ByteBuffer) {
        for (field, list) in [(1, voters), (2, learners), (3, votersOutgoing), (4, learnersNext)] {
            for id in list {
                buffer.append(UInt8(field << 3))
                buffer.append(varint: id)
            }
        }
        buffer.append(0x28)
        buffer.append(autoLeave ? 1 : 0)
    }

    /// nil when the bytes are not a ConfState. Packed and unpacked lists are both taken.
    package init?(decoding span: RawSpan) {
        self.init()
        var position = 0
        while position < span.byteCount {
            guard let field = ProtobufField.next(in: span, at: &position) else { return nil }
            switch (field.number, field.wire) {
            case (1...4, .varint): append(field.value, toList: field.number)
            case (1...4, .bytes):
                var inner = Int(field.range.offset)
                let end = inner + field.range.count
                while inner < end {
                    guard let id = ProtobufField.varint(in: span, at: &inner, end: end) else { return nil }
                    append(id, toList: field.number)
                }
            case (5, .varint): autoLeave = field.value != 0
            default: return nil
            }
        }
    }

    private mutating func append(_ id: UInt64, toList field: Int) {
        switch field {
        case 1: voters.append(id)
        case 2: learners.append(id)
        case 3: votersOutgoing.append(id)
        default: learnersNext.append(id)
        }
    }
}
