import Base
import Testing

@testable import Storage

/// Damage to the file: what is repaired, what is refused, and that no wrong entry ever comes out (formats.md §2.6).
@Suite struct WALDamageTests {
    /// Offsets of the records behind the header, and the log they make.
    private static func sample(size: Int = 0) -> (memory: WALMemory, log: RecoveredLog, offsets: [Int]) {
        var offsets: [Int] = []
        let memory = WALMemory(size: size) { encoder, buffer in
            let entries = [
                entry(1, kind: .configurationChange, "member"), entry(2, ""), entry(3, "abc"),
                entry(4, String(repeating: "l", count: 700)), entry(5, term: 2, String(repeating: "p", count: 256 - 16)), entry(6, term: 2, "end"),
            ]
            for value in entries {
                offsets.append(buffer.count)
                encoder.append([value], to: &buffer)
                if value.index.rawValue % 2 == 0 {
                    offsets.append(buffer.count)
                    encoder.append(state(value.index.rawValue - 1, term: value.term.rawValue), to: &buffer)
                }
            }
            offsets.append(buffer.count)
        }
        return (memory, try! memory.log(), offsets)
    }

    private func isPrefix(_ log: RecoveredLog, of whole: RecoveredLog) -> Bool {
        log.metadata == whole.metadata && whole.entries.starts(with: log.entries)
            && (log.state.isEmpty || log.state.commit <= whole.state.commit && log.state.term <= whole.state.term)
    }

    @Test(arguments: [0, 8192]) func `a flipped bit is refused, repaired or harmless, and never gives a wrong entry`(size: Int) {
        let (memory, whole, offsets) = Self.sample(size: size)
        for position in 0..<offsets.last! {
            for bit in 0..<8 {
                var damaged = memory
                damaged.segments[0].bytes[position] ^= 1 << UInt8(bit)
                switch damaged.read() {
                case .refused(let error): #expect(error.offset != nil && error.segment != nil)
                case .read(let log, let tornAt):
                    #expect(isPrefix(log, of: whole), "byte \(position), bit \(bit)")
                    if let tornAt {
                        #expect(tornAt <= position && position < tornAt + 8 + 720, "byte \(position), bit \(bit)")
                    } else {
                        #expect(log.entries == whole.entries && log.state == whole.state, "byte \(position), bit \(bit)")
                    }
                }
            }
        }
    }

    @Test func `a log cut at any byte ends before the record that was cut`() {
        let (memory, whole, offsets) = Self.sample()
        let header = offsets[0]
        for size in 0..<offsets.last! {
            var cut = memory
            cut.segments[0].bytes.removeSubrange(size...)
            switch cut.read() {
            case .refused(let error):
                #expect(size < header, "size \(size): \(error)")
            case .read(let log, let tornAt):
                #expect(isPrefix(log, of: whole))
                let end = offsets.last { $0 <= size } ?? header
                #expect(log.tail.offset == end, "size \(size)")
                #expect(tornAt == (size == end ? nil : end), "size \(size)")
            }
        }
    }

    @Test func `an earlier segment that ends too soon is refused`() throws {
        let (first, whole, offsets) = Self.sample()
        var memory = first
        memory.cut(7, from: whole.tail.sum) { encoder, buffer in encoder.append([entry(7, term: 2)], to: &buffer) }
        #expect(try memory.log().entries.count == 7)
        for size in 0..<offsets.last! {
            var cut = memory
            cut.segments[0].bytes.removeSubrange(size...)
            guard case .refused(let error) = cut.read() else {
                Issue.record("a first segment of \(size) bytes was accepted")
                continue
            }
            switch error.problem {
            case .tornInside: #expect(error.segment == memory.segments[0].name && !offsets.contains(size))
            case .damaged(.segmentChecksum): #expect(error.segment == memory.segments[1].name)
            case .damaged(.headerMissing): #expect(size < offsets[0])
            case .startMissing, .snapshotNotFound, .entryGap: #expect(size < offsets[0])
            default: Issue.record("size \(size): \(error)")
            }
        }
    }

    /// The table of formats.md §2.6, on the 700-byte record: its begin, and what the damage does to the bytes.
    private func damage(_ change: (inout [UInt8], _ record: Int) -> Void) -> (WALMemory.Outcome, record: Int) {
        let (sample, _, offsets) = Self.sample(size: 8192)
        let record = offsets[4]
        var memory = sample
        change(&memory.segments[0].bytes, record)
        return (memory.read(), record)
    }

    private func isTorn(_ result: (WALMemory.Outcome, record: Int)) -> Bool {
        guard case .read(let log, let tornAt) = result.0 else { return false }
        return tornAt == result.record && log.tail.offset == result.record && log.lastIndex == LogIndex(3)
    }

    private func refusal(_ result: (WALMemory.Outcome, record: Int)) -> WALError.Problem? {
        guard case .refused(let error) = result.0, error.offset == result.record else { return nil }
        return error.problem
    }

    @Test func `zeros where a length should be end the log`() {
        let result = damage { bytes, record in for position in record..<8192 { bytes[position] = 0 } }
        guard case .read(let log, nil) = result.0 else {
            Issue.record("not a clean end")
            return
        }
        #expect(log.tail.offset == result.record)
    }

    @Test func `a zero length with data in the same sector is damage`() {
        #expect(refusal(damage { bytes, record in for at in record..<record + 8 { bytes[at] = 0 } }) == .damaged(.zeroLengthBeforeData))
    }

    @Test func `a file that ends inside a length or a record is an interrupted write`() {
        #expect(isTorn(damage { bytes, record in bytes.removeSubrange((record + 5)...) }))
        #expect(isTorn(damage { bytes, record in bytes.removeSubrange((record + 8)...) }))
        #expect(isTorn(damage { bytes, record in bytes.removeSubrange((record + 300)...) }))
    }

    /// Release 3.5.7 refused to start on a last record that was cut off, instead of repairing it.
    @Test func `etcd 15069: a length beyond the file is an interrupted write, if no whole record is behind it`() {
        func absurd(_ length: [UInt8]) -> (WALMemory.Outcome, record: Int) {
            damage { bytes, record in
                bytes.replaceSubrange(record..<record + 8, with: length)
                bytes[record + 200] ^= 1
            }
        }
        #expect(isTorn(absurd([0, 0, 1, 0, 0, 0, 0, 0])))
        #expect(isTorn(absurd([255, 255, 255, 255, 255, 255, 255, 0])))
        #expect(isTorn(absurd([255, 255, 255, 255, 255, 255, 255, 255])))
        let whole = damage { bytes, record in bytes[record + 5] ^= 1 }
        guard case .damaged(.lengthField) = refusal(whole) else {
            Issue.record("the intact record was given up")
            return
        }
    }

    @Test func `a record with a zero sector is an interrupted write, even with good records behind it`() {
        let sectors = damage { bytes, record in
            let boundary = (record / 512 + 1) * 512
            for at in boundary..<boundary + 512 { bytes[at] = 0 }
        }
        #expect(isTorn(sectors))
        let firstPiece = damage { bytes, record in for at in record + 8..<(record / 512 + 1) * 512 { bytes[at] = 0 } }
        #expect(isTorn(firstPiece))
    }

    @Test func `a wrong record without a zero sector is damage`() {
        let result = damage { bytes, record in for at in record + 100..<record + 110 { bytes[at] = 0 } }
        guard case .damaged(.checksum) = refusal(result) else {
            Issue.record("not refused")
            return
        }
        let unparsable = damage { bytes, record in bytes[record + 8] = 0xFF }
        #expect(refusal(unparsable) == .damaged(.notARecord))
        let unknown = damage { bytes, record in bytes[record + 9] = 6 }
        #expect(refusal(unknown) == .damaged(.unknownType(6)))
    }

    @Test func `garbage is refused or leaves a beginning of the log`() {
        var random = RandomSource(seed: 7)
        let (memory, whole, offsets) = Self.sample(size: 4096)
        for round in 0..<3000 {
            var damaged = memory
            let start = round % 3 == 0 ? 0 : Int.random(in: 0..<offsets.last!, using: &random)
            let count = Int.random(in: 1...(round % 2 == 0 ? 4096 - start : 40), using: &random)
            for position in start..<Swift.min(start + count, 4096) {
                damaged.segments[0].bytes[position] = round % 5 == 0 ? 0 : UInt8.random(in: 0...255, using: &random)
            }
            if case .read(let log, _) = damaged.read() { #expect(isPrefix(log, of: whole), "round \(round)") }
        }
    }

    @Test func `a crash that loses any sectors not synced leaves a beginning that holds all that was synced`() {
        var random = RandomSource(seed: 11)
        for round in 0..<400 {
            var ends: [(offset: Int, index: UInt64)] = []
            var sealed: [Int] = []
            let memory = WALMemory(size: 256 * 1024) { encoder, buffer in
                var index: UInt64 = 0
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    for _ in 0..<Int.random(in: 0...6, using: &random) {
                        index += 1
                        let size = Int.random(in: 0...[10, 500, 3000][round % 3], using: &random)
                        encoder.append([entry(index, String(repeating: "e", count: size))], to: &buffer)
                        ends.append((buffer.count, index))
                    }
                    encoder.append(state(index == 0 ? 0 : index - 1), to: &buffer)
                    sealed.append(buffer.count)
                }
            }
            guard case .read(let whole, nil) = memory.read() else {
                Issue.record("round \(round)")
                continue
            }
            // Everything up to one save's end was synced; of each later sector, the disk has the new content or the old.
            let synced = sealed.randomElement(using: &random)!
            var crashed = memory
            var sector = synced / 512 * 512
            while sector < whole.tail.offset {
                if Bool.random(using: &random) {
                    for position in Swift.max(sector, synced)..<sector + 512 { crashed.segments[0].bytes[position] = 0 }
                }
                sector += 512
            }
            switch crashed.read() {
            case .refused(let error): Issue.record("round \(round), synced up to \(synced): \(error)")
            case .read(let log, _):
                #expect(isPrefix(log, of: whole))
                #expect(log.lastIndex.rawValue >= ends.last { $0.offset <= synced }?.index ?? 0)
                #expect(log.tail.offset >= synced)
            }
        }
    }
}
