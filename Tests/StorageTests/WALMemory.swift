import Base

@testable import Storage

/// A log in memory: what a driver does with files, for tests of the decisions alone.
struct WALMemory {
    var segments: [(name: WALSegmentName, bytes: [UInt8])] = []
    var limits = WALLimits()
    static let metadata = WALMetadata(memberID: MemberID(0x9A3F_0000_1234_5678), clusterID: ClusterID(0xC0FF_EE00_0000_0001))

    enum Outcome {
        /// `tornAt`: the last segment was cut there.
        case read(RecoveredLog, tornAt: Int?)
        case refused(WALError)
    }

    /// Reads as `WALReader` does.
    func read(from snapshot: WALSnapshot = WALSnapshot()) -> Outcome {
        do {
            var tornAt: Int?
            var recovery = try WALRecovery(segments: segments.map(\.name), from: snapshot, limits: limits)
            for name in recovery.segments {
                let bytes = segments.first { $0.name == name }!.bytes
                var demand = recovery.begin(fileSize: bytes.count)
                while case .window(let from, let count) = demand {
                    demand = try recovery.read(Bytes(Array(bytes[from..<Swift.min(from + count, bytes.count)])))
                }
                if case .torn(_, let offset) = demand { tornAt = offset }
            }
            return .read(try recovery.finish(), tornAt: tornAt)
        } catch {
            return .refused(error)
        }
    }

    func log(from snapshot: WALSnapshot = WALSnapshot()) throws(WALError) -> RecoveredLog {
        switch read(from: snapshot) {
        case .read(let log, _): return log
        case .refused(let error): throw error
        }
    }

    /// A one-segment log whose records `write` adds behind the header, with zeros up to `size`.
    init(size: Int = 0, _ write: (inout WALEncoder, inout ByteBuffer) -> Void = { _, _ in }) {
        var encoder = WALEncoder()
        var buffer = ByteBuffer()
        Self.header(&encoder, &buffer)
        encoder.append(WALSnapshot(), to: &buffer)
        write(&encoder, &buffer)
        buffer.append(zeros: size - buffer.count)
        segments = [(WALSegmentName(sequence: 0, index: .zero), buffer.span.array)]
    }

    static func header(_ encoder: inout WALEncoder, _ buffer: inout ByteBuffer) {
        encoder.appendChecksum(to: &buffer)
        encoder.append(.metadata, data: WALEncoder.message(metadata).span, to: &buffer)
    }

    /// Adds a segment that continues from `sum`.
    mutating func cut(_ index: UInt64, from sum: UInt32, _ write: (inout WALEncoder, inout ByteBuffer) -> Void) {
        var encoder = WALEncoder(continuing: sum)
        var buffer = ByteBuffer()
        Self.header(&encoder, &buffer)
        write(&encoder, &buffer)
        segments.append((WALSegmentName(sequence: UInt64(segments.count), index: LogIndex(index)), buffer.span.array))
    }
}

func entry(_ index: UInt64, term: UInt64 = 1, kind: WALEntryKind = .normal, _ text: String = "x") -> WALEntry {
    WALEntry(term: Term(term), index: LogIndex(index), kind: kind, data: Bytes(text))
}

func state(_ commit: UInt64, term: UInt64 = 1) -> WALHardState {
    WALHardState(term: Term(term), vote: MemberID(0x9A3F_0000_1234_5678), commit: LogIndex(commit))
}

func bytes(hex text: String) -> [UInt8] {
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
