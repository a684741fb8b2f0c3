import Base

/// A raft snapshot: the v2 store's JSON with the membership at one index. What a .snap file holds.
package struct RaftSnapshot: Hashable, Sendable {
    package var index: LogIndex
    package var term: Term
    package var configuration: ConfigurationState
    package var data: Bytes

    package init(index: LogIndex, term: Term, configuration: ConfigurationState, data: Bytes) {
        self.index = index
        self.term = term
        self.configuration = configuration
        self.data = data
    }

    package var name: SnapName { SnapName(term: term, index: index) }
    /// What the log records of it.
    package var record: WALSnapshot { WALSnapshot(index: index, term: term, configuration: configuration) }
}

/// Reads and writes .snap files: snappb.snapshot around raftpb.Snapshot (formats.md §3).
package enum SnapCodec {
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case empty
        case notASnapshot
        case checksum(stored: UInt32, computed: UInt32)
        /// The file is named after another index or term.
        case nameMismatch(SnapName)

        package var description: String {
            switch self {
            case .empty: return "snap: empty snapshot: the file or its content is empty"
            case .notASnapshot: return "the file cannot be decoded as a snapshot"
            case .checksum(let stored, let computed):
                return "snap: crc mismatch: the file says \(stored), its bytes give \(computed)"
            case .nameMismatch(let inner): return "the file holds the snapshot of another term or index, \(inner)"
            }
        }
    }

    package static func encode(_ snapshot: RaftSnapshot) -> ByteBlock {
        let configurationSize = snapshot.configuration.encodedSize
        var metadata = ByteBuffer()
        metadata.append(0x0A)
        metadata.append(varint: UInt64(configurationSize))
        snapshot.configuration.encode(into: &metadata)
        metadata.append(0x10)
        metadata.append(varint: snapshot.index.rawValue)
        metadata.append(0x18)
        metadata.append(varint: snapshot.term.rawValue)

        var message = ByteBuffer(capacity: snapshot.data.count + metadata.count + 16)
        if !snapshot.data.isEmpty {
            message.append(0x0A)
            message.append(varint: UInt64(snapshot.data.count))
            message.append(snapshot.data.span)
        }
        message.append(0x12)
        message.append(varint: UInt64(metadata.count))
        message.append(metadata.span)

        var file = ByteBuffer(capacity: message.count + 16)
        file.append(0x08)
        file.append(varint: UInt64(CRC32C.checksum(message.span)))
        file.append(0x12)
        file.append(varint: UInt64(message.count))
        file.append(message.span)
        return file.freeze()
    }

    /// The snapshot in `file`, which must be the one that `name` says.
    package static func decode(_ file: Bytes, named name: SnapName) throws(Failure) -> RaftSnapshot {
        guard !file.isEmpty else { throw .empty }
        var sum: UInt64 = 0
        var content = ByteRange()
        var position = 0
        while position < file.count {
            guard let field = ProtobufField.next(in: file.span, at: &position) else { throw .notASnapshot }
            switch (field.number, field.wire) {
            case (1, .varint): sum = field.value
            case (2, .bytes): content = field.range
            default: throw .notASnapshot
            }
        }
        guard !content.isEmpty, sum != 0 else { throw .empty }
        let message = file.slice(Int(content.offset), count: content.count)
        let computed = CRC32C.checksum(message.span)
        guard UInt64(computed) == sum else { throw .checksum(stored: UInt32(truncatingIfNeeded: sum), computed: computed) }
        guard let snapshot = decode(message) else { throw .notASnapshot }
        guard snapshot.name == name else { throw .nameMismatch(snapshot.name) }
        return snapshot
    }

    private static func decode(_ message: Bytes) -> RaftSnapshot? {
        var snapshot = RaftSnapshot(index: .zero, term: .zero, configuration: ConfigurationState(), data: Bytes())
        var position = 0
        while position < message.count {
            guard let field = ProtobufField.next(in: message.span, at: &position), field.wire == .bytes else { return nil }
            let inner = message.slice(Int(field.range.offset), count: field.range.count)
            switch field.number {
            case 1: snapshot.data = inner
            case 2: guard decodeMetadata(inner, into: &snapshot) else { return nil }
            default: return nil
            }
        }
        return snapshot
    }

    private static func decodeMetadata(_ message: Bytes, into snapshot: inout RaftSnapshot) -> Bool {
        var position = 0
        while position < message.count {
            guard let field = ProtobufField.next(in: message.span, at: &position) else { return false }
            switch (field.number, field.wire) {
            case (1, .bytes):
                guard let state = ConfigurationState(decoding: message.span.subscripted(field.range)) else { return false }
                snapshot.configuration = state
            case (2, .varint): snapshot.index = LogIndex(field.value)
            case (3, .varint): snapshot.term = Term(field.value)
            default: return false
            }
        }
        return true
    }
}
