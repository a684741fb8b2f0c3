import Base
import Testing

@testable import Storage

@Suite struct WALRecoveryTests {
    private func problem(_ memory: WALMemory, from snapshot: WALSnapshot = WALSnapshot()) -> WALError.Problem? {
        guard case .refused(let error) = memory.read(from: snapshot) else { return nil }
        return error.problem
    }

    @Test func `later copies of an entry win and cut off what followed`() throws {
        let memory = WALMemory { encoder, buffer in
            encoder.append([entry(1), entry(2), entry(3), entry(4)], to: &buffer)
            encoder.append(state(1), to: &buffer)
            encoder.append([entry(2, term: 2, "new")], to: &buffer)
            encoder.append(state(1, term: 2), to: &buffer)
        }
        let log = try memory.log()
        #expect(log.entries == [entry(1), entry(2, term: 2, "new")])
        #expect(log.state == state(1, term: 2))
    }

    @Test func `entries up to the snapshot are skipped, and one of them cuts off the tail too`() throws {
        let memory = WALMemory { encoder, buffer in
            encoder.append([entry(1), entry(2), entry(3), entry(4)], to: &buffer)
            encoder.append([entry(2, term: 3), entry(3, term: 3)], to: &buffer)
            encoder.append(state(3, term: 3), to: &buffer)
            encoder.append(WALSnapshot(index: LogIndex(3), term: Term(3), configuration: ConfigurationState(voters: [1])), to: &buffer)
        }
        let log = try memory.log(from: WALSnapshot(index: LogIndex(3), term: Term(3)))
        #expect(log.entries.isEmpty)
        #expect(log.lastTerm == Term(3))
        #expect(log.snapshot.configuration?.voters == [1])
    }

    @Test func `a snapshot from the leader replaces a log that disagrees with it`() throws {
        let memory = WALMemory { encoder, buffer in
            encoder.append([entry(1), entry(2), entry(3), entry(4)], to: &buffer)
            encoder.append(state(1), to: &buffer)
            encoder.append(WALSnapshot(index: LogIndex(3), term: Term(5)), to: &buffer)
            encoder.append(state(3, term: 6), to: &buffer)
        }
        #expect(try memory.log(from: WALSnapshot(index: LogIndex(3), term: Term(5))).entries.isEmpty)
    }

    @Test func `a snapshot needs a record of its own term, committed`() {
        let memory = WALMemory { encoder, buffer in
            encoder.append([entry(1), entry(2), entry(3)], to: &buffer)
            encoder.append(WALSnapshot(index: LogIndex(2), term: Term(1)), to: &buffer)
            encoder.append(WALSnapshot(index: LogIndex(3), term: Term(1)), to: &buffer)
            encoder.append(state(2), to: &buffer)
        }
        func at(_ index: UInt64, term: UInt64) -> WALSnapshot { WALSnapshot(index: LogIndex(index), term: Term(term)) }
        #expect(problem(memory, from: at(2, term: 1)) == nil)
        #expect(problem(memory, from: at(2, term: 2)) == .snapshotMismatch(at(2, term: 2), recordedTerm: Term(1)))
        #expect(problem(memory, from: at(1, term: 1)) == .snapshotNotFound(at(1, term: 1)))
        #expect(problem(memory, from: at(3, term: 1)) == .snapshotNotFound(at(3, term: 1)))
    }

    @Test func `a log of several segments is read from the last that may hold the snapshot's next entry`() throws {
        var memory = WALMemory { encoder, buffer in encoder.append([entry(1), entry(2)], to: &buffer) }
        let first = try memory.log().tail.sum
        memory.cut(3, from: first) { encoder, buffer in
            encoder.append([entry(3), entry(4)], to: &buffer)
            encoder.append(state(3), to: &buffer)
        }
        let second = try memory.log().tail.sum
        memory.cut(5, from: second) { encoder, buffer in
            encoder.append([entry(5)], to: &buffer)
            encoder.append(WALSnapshot(index: LogIndex(3), term: Term(1)), to: &buffer)
            encoder.append(state(5), to: &buffer)
        }
        #expect(try memory.log().entries.count == 5)
        let log = try memory.log(from: WALSnapshot(index: LogIndex(3), term: Term(1)))
        #expect(log.entries == [entry(4), entry(5)])
        #expect(log.segments.map(\.sequence) == [1, 2])
        #expect(log.tail.segment == memory.segments[2].name)

        var gap = memory
        gap.segments.remove(at: 1)
        #expect(problem(gap) == .segmentMissing(after: memory.segments[0].name, next: memory.segments[2].name))
        var headless = memory
        headless.segments.removeFirst()
        #expect(problem(headless) == .startMissing(snapshot: .zero, first: memory.segments[1].name))
        headless.segments.removeAll()
        #expect(problem(headless) == .noSegments)

        var foreign = memory
        foreign.segments[2].bytes = WALMemory().segments[0].bytes
        #expect(problem(foreign) == .damaged(.segmentChecksum(stored: 0, computed: second)))
    }

    @Test func `records that contradict each other are refused, with the place`() {
        let gap = WALMemory { encoder, buffer in encoder.append([entry(1), entry(3)], to: &buffer) }
        #expect(problem(gap) == .entryGap(expectedAtMost: LogIndex(2), found: LogIndex(3)))

        let metadata = WALMemory { encoder, buffer in
            encoder.append(.metadata, data: WALEncoder.message(WALMetadata(memberID: MemberID(1), clusterID: ClusterID(2))).span, to: &buffer)
        }
        #expect(problem(metadata) == .conflictingMetadata)

        let committed = WALMemory { encoder, buffer in
            encoder.append([entry(1), entry(2)], to: &buffer)
            encoder.append(state(2), to: &buffer)
            encoder.append([entry(2, term: 2)], to: &buffer)
        }
        #expect(problem(committed) == .damaged(.committedEntryReplaced(index: LogIndex(2), commit: LogIndex(2))))

        let beyond = WALMemory { encoder, buffer in encoder.append(state(2), to: &buffer) }
        #expect(problem(beyond) == .committedEntriesMissing(commit: LogIndex(2), last: .zero))

        let backwards = WALMemory { encoder, buffer in encoder.append([entry(1, term: 3), entry(2, term: 2)], to: &buffer) }
        #expect(problem(backwards) == .damaged(.termDecreased(from: Term(3), to: Term(2), index: LogIndex(2))))
        guard case .refused(let error) = backwards.read() else { return }
        #expect(error.segment?.description == "0000000000000000-0000000000000000.wal")
        #expect(error.offset == WALMemory { encoder, buffer in encoder.append([entry(1, term: 3)], to: &buffer) }.segments[0].bytes.count)
        #expect("\(error)".hasPrefix("log segment 0000000000000000-0000000000000000.wal, offset "))
    }

    @Test func `a new log's messages in the dialect of release 3.7 are read too`() throws {
        let memory = WALMemory { encoder, buffer in
            // Zero fields left out: a normal entry without data, and a state without a vote.
            encoder.append(.entry, data: Bytes([0x10, 1, 0x18, 1]).span, to: &buffer)
            encoder.append(.state, data: Bytes([0x08, 1, 0x18, 1]).span, to: &buffer)
            encoder.append(.snapshot, data: Bytes([]).span, to: &buffer)
        }
        let log = try memory.log()
        #expect(log.entries == [entry(1, "")])
        #expect(log.state == WALHardState(term: Term(1), vote: .zero, commit: LogIndex(1)))
    }
}
