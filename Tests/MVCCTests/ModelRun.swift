import Base
import Storage
import Testing
import Wire

@testable import MVCC

/// One run of random operations on the store and the model.
struct ModelRun: ~Copyable {
    var random: RandomSource
    var model = NaiveStore()
    var store: Store
    var plan = TxnPlan()
    var changes = ChangeSet()
    /// When recording: each request that both were given and what the store answered, for a comparison with the real etcd.
    var transcript: [String]?

    /// What the backend is to hold: the model's rows and those that wait for a compaction to reach them.
    var disk = MemoryDisk()
    var stored: [NaiveStore.Row] = []
    var expectedJobs: [ExpectedJob] = []
    var waitingJobs: [(job: CompactionJob, expected: ExpectedJob)] = []
    var finishedCompaction: Int64 = -1
    var lastCommit: CommitBatch.ID?

    struct ExpectedJob {
        var revision: Int64
        var previous: Int64
        var dropped: [Revision]
        /// What a reader at the revision sees, and tombstones of just then.
        var keep: Set<Revision>
    }

    init(seed: UInt64) throws {
        random = RandomSource(seed: seed)
        store = try Store(backend: Backend.inMemory(disk))
        store.keysPerChange = 1
    }

    // MARK: steps

    mutating func step() throws {
        switch pick(20) {
        case 0..<6: try stepRange()
        case 6..<11: try stepPut()
        case 11..<13: try chance(transcript == nil ? 20 : 0) ? stepDeleteKeys() : stepDelete()
        case 13..<18: try stepTxn()
        case 18: try stepCompact()
        default:
            stepBackground()
            if chance(30) { try runJob() }
            if chance(50) { try commitAll() }
            try checkHash()
            if transcript == nil, chance(10) { try restart() }
        }
        let newest = stored.last?.revision ?? Revision(main: 0, sub: 0)
        stored += model.rows.filter { $0.revision > newest }
        let (current, compacted) = (store.currentRevision, store.compactRevision)
        #expect(current == model.currentRevision)
        #expect(compacted == model.compactRevision)
        try checkCounts()
    }

    mutating func record(_ request: Bytes, _ method: String, _ out: borrowing ByteBuffer, _ error: StoreError?) {
        guard transcript != nil else { return }
        let answer = error.map { "error\t\($0.status?.text ?? "?")" } ?? "ok\t\(hex(out.span.array))"
        let line = "\(method)\t\(hex(request.array))\t\(answer)"
        transcript?.append(line)
    }

    func hex(_ bytes: [UInt8]) -> String { bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined() }

    func bytes(_ message: some WireMessage) -> Bytes {
        var buffer = ByteBuffer()
        message.encode(into: &buffer)
        return Bytes(buffer.freeze())
    }

    mutating func compareResult<R: WireMessage>(
        _ request: some WireMessage, _ expected: Result<R, StoreError>, _ out: inout ByteBuffer, _ error: StoreError?
    ) throws {
        switch expected {
        case .success(let response):
            #expect(error == nil, "\(request)")
            let block = out.freeze()
            guard error == nil else { return }
            #expect(try R(decoding: block.span) == response, "\(request)")
        case .failure(let wanted):
            let isEmpty = out.isEmpty
            #expect(error == wanted && isEmpty, "\(request)")
        }
    }

    mutating func stepRange() throws {
        let request = rangeRequest()
        let message = bytes(request)
        let model = model
        let expected = Result { () throws(StoreError) in try model.range(request, visible: model.currentRevision) }
        var out = ByteBuffer()
        var failure: StoreError?
        let view = try PB.RangeRequest.View(decoding: message.span)
        do { try store.range(view, in: message.span, stamp: nil, into: &out) } catch { failure = error }
        record(message, "Range", out, failure)
        try compareResult(request, expected, &out, failure)
    }

    mutating func stepPut() throws {
        let request = putRequest()
        let message = bytes(request)
        var after = model
        var transaction = NaiveStore.Transaction(main: model.currentRevision + 1)
        let expected: Result<PB.PutResponse, StoreError> = Result { () throws(StoreError) in
            if request.lease != 0, !after.leases.contains(request.lease) { throw .leaseNotFound }
            return try after.put(request, &transaction)
        }
        after.currentRevision = transaction.visible
        var out = ByteBuffer()
        var failure: StoreError?
        changes.removeAll()
        let leases = model.leases
        do {
            try store.put(
                try PB.PutRequest.View(decoding: message.span), in: message.span, stamp: nil, leaseExists: { leases.contains($0.rawValue) },
                changes: &changes, into: &out)
        } catch let error as StoreError { failure = error }
        record(message, "Put", out, failure)
        try compareResult(request, expected, &out, failure)
        checkChanges(after)
        if failure == nil { model = after }
    }

    mutating func stepDelete() throws {
        let request = deleteRequest()
        let message = bytes(request)
        var after = model
        var transaction = NaiveStore.Transaction(main: model.currentRevision + 1)
        let expected = Result<PB.DeleteRangeResponse, StoreError>.success(after.delete(request, &transaction))
        after.currentRevision = transaction.visible
        var out = ByteBuffer()
        changes.removeAll()
        try store.deleteRange(
            try PB.DeleteRangeRequest.View(decoding: message.span), in: message.span, stamp: nil, changes: &changes, into: &out)
        record(message, "DeleteRange", out, nil)
        try compareResult(request, expected, &out, nil)
        checkChanges(after)
        model = after
    }

    /// The end of a lease deletes its keys in one transaction.
    mutating func stepDeleteKeys() throws {
        let keys = Set((0..<4).map { _ in key() }).sorted { $0.lexicographicallyPrecedes($1) }
        var after = model
        var transaction = NaiveStore.Transaction(main: model.currentRevision + 1)
        for key in keys {
            var request = PB.DeleteRangeRequest()
            request.key = key
            _ = after.delete(request, &transaction)
        }
        after.currentRevision = transaction.visible
        changes.removeAll()
        try store.delete(keys: keys.map { Bytes($0) }, changes: &changes)
        checkChanges(after)
        model = after
    }

    mutating func stepTxn() throws {
        let request = txnRequest(depth: 0)
        let message = bytes(request)
        var after = model
        var transaction = NaiveStore.Transaction(main: model.currentRevision + 1)
        let outcomes = model.outcomes(request)
        let expected: Result<PB.TxnResponse, StoreError> = Result { () throws(StoreError) in
            var slice = outcomes[...]
            try after.check(request, &slice, puts: true)
            slice = outcomes[...]
            try after.check(request, &slice, puts: false)
            slice = outcomes[...]
            var response = try after.txn(request, &slice, &transaction)
            response.header = after.header(transaction.visible)
            return response
        }
        after.currentRevision = transaction.visible
        var out = ByteBuffer()
        var failure: StoreError?
        changes.removeAll()
        let leases = model.leases
        try plan.decode(message.span)
        // Only what validation lets through reaches the store.
        do { try RequestValidation.check(plan, in: message.span, operationsMax: 128) } catch {
            return record(message, "Txn", out, error)
        }
        do {
            try store.txn(
                &plan, in: message.span, stamp: nil, leaseExists: { leases.contains($0.rawValue) }, changes: &changes, into: &out)
        } catch { failure = error }
        record(message, "Txn", out, failure)
        // A put that ignores the value of a key deleted before it is a case that etcd does not survive.
        if case .failure = expected, transaction.count > 0 {
            let isUnchanged = failure != nil && changes.isEmpty && out.isEmpty
            #expect(isUnchanged, "\(request)")
            return
        }
        try compareResult(request, expected, &out, failure)
        if failure == nil {
            checkChanges(after)
            model = after
        }
    }

    mutating func stepCompact() throws {
        let revision = model.currentRevision - Int64(pick(12)) + 1
        var failure: StoreError?
        var expected: StoreError?
        let before = Set(model.rows.map(\.revision))
        let previous = model.compactRevision
        do { try model.compact(to: revision) } catch { expected = error }
        do { try store.compact(to: revision) } catch { failure = error }
        #expect(failure == expected)
        var request = PB.CompactionRequest()
        request.revision = revision
        var out = ByteBuffer()
        out.appendResponseHeader(nil, revision: store.currentRevision)
        record(bytes(request), "Compact", out, failure)
        guard expected == nil else { return }
        expectJob(revision, previous: previous, before: before)
    }

    func checkChanges(_ after: NaiveStore) {
        let expected = after.rows.filter { $0.revision.main > model.currentRevision }
        let count = changes.changes.count
        #expect(count == expected.count)
        guard count == expected.count else { return }
        for (index, row) in expected.enumerated() {
            let change = changes.changes[index]
            let kv = try? Mvccpb.KeyValue(decoding: changes.bytes.span.subscripted(change.kv))
            let key = changes.bytes.span.subscripted(change.key).array
            #expect(change.revision == row.revision && change.isDelete == row.isTombstone)
            #expect(kv == row.kv && key == row.kv.key)
            let before = after.rows.last { $0.revision < row.revision && $0.kv.key == row.kv.key }
            let previous = before.flatMap { $0.isTombstone ? nil : $0 }
            #expect(change.previous == previous?.revision)
            #expect(change.oldLease.rawValue == previous?.kv.lease ?? 0 && change.newLease.rawValue == row.kv.lease)
        }
    }

    func checkCounts() throws {
        let live = model.live([0], [0], at: model.currentRevision).count
        let count = store.keyCount
        #expect(count == live)
    }
}
