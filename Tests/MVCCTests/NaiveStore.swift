import Base
import Wire

@testable import MVCC

typealias PB = Etcdserverpb

/// The store's rules in the plainest form: every row in one array, every question answered by going through all of it.
struct NaiveStore {
    struct Row {
        var revision: Revision
        var kv: Mvccpb.KeyValue
        var isTombstone: Bool
    }

    var rows: [Row] = []
    var currentRevision: Int64 = 1
    var compactRevision: Int64 = -1
    var leases: Set<Int64> = [7, 8]

    struct Transaction {
        var main: Int64
        var count: Int64 = 0
        var visible: Int64 { count > 0 ? main : main - 1 }
    }

    // MARK: reads

    static func contains(_ key: [UInt8], _ start: [UInt8], _ end: [UInt8]) -> Bool {
        if end.isEmpty { return key == start }
        if end == [0] { return !key.lexicographicallyPrecedes(start) }
        return !key.lexicographicallyPrecedes(start) && key.lexicographicallyPrecedes(end)
    }

    func live(_ start: [UInt8], _ end: [UInt8], at revision: Int64) -> [Row] {
        var latest: [[UInt8]: Row] = [:]
        for row in rows where row.revision.main <= revision && NaiveStore.contains(row.kv.key, start, end) { latest[row.kv.key] = row }
        return latest.values.filter { !$0.isTombstone }.sorted { $0.kv.key.lexicographicallyPrecedes($1.kv.key) }
    }

    func range(_ request: PB.RangeRequest, visible: Int64) throws(StoreError) -> PB.RangeResponse {
        if request.revision > visible { throw .futureRevision }
        let revision = request.revision <= 0 ? visible : request.revision
        if revision < compactRevision { throw .compacted }
        var response = PB.RangeResponse()
        response.header = header(visible)
        var found = live(request.key, request.rangeEnd, at: revision).map(\.kv)
        response.count = Int64(found.count)
        if request.countOnly { return response }
        let filters = [request.minModRevision, request.maxModRevision, request.minCreateRevision, request.maxCreateRevision]
        if request.limit > 0, request.sortOrder == .none, filters.allSatisfy({ $0 == 0 }) { found = Array(found.prefix(Int(request.limit) + 1)) }
        if request.maxModRevision != 0 { found.removeAll { $0.modRevision > request.maxModRevision } }
        if request.minModRevision != 0 { found.removeAll { $0.modRevision < request.minModRevision } }
        if request.maxCreateRevision != 0 { found.removeAll { $0.createRevision > request.maxCreateRevision } }
        if request.minCreateRevision != 0 { found.removeAll { $0.createRevision < request.minCreateRevision } }
        func precedes(_ a: Mvccpb.KeyValue, _ b: Mvccpb.KeyValue) -> Bool {
            switch request.sortTarget {
            case .version: a.version < b.version
            case .create: a.createRevision < b.createRevision
            case .mod: a.modRevision < b.modRevision
            case .value: a.value.lexicographicallyPrecedes(b.value)
            default: a.key.lexicographicallyPrecedes(b.key)
            }
        }
        // Insertion sort: stable whatever the library does.
        var sorted: [Mvccpb.KeyValue] = []
        for kv in found {
            let place = sorted.firstIndex { request.sortOrder == .descend ? precedes($0, kv) : precedes(kv, $0) } ?? sorted.count
            sorted.insert(kv, at: place)
        }
        if request.limit > 0, sorted.count > Int(request.limit) {
            sorted = Array(sorted.prefix(Int(request.limit)))
            response.more = true
        }
        if request.keysOnly { for index in sorted.indices { sorted[index].value = [] } }
        response.kvs = sorted
        return response
    }

    func header(_ revision: Int64) -> PB.ResponseHeader {
        var header = PB.ResponseHeader()
        header.revision = revision
        return header
    }

    // MARK: writes

    mutating func put(_ request: PB.PutRequest, _ transaction: inout Transaction) throws(StoreError) -> PB.PutResponse {
        let previous = live(request.key, [], at: transaction.visible).first
        if previous == nil, request.ignoreValue || request.ignoreLease { throw .keyNotFound }
        var kv = Mvccpb.KeyValue()
        kv.key = request.key
        kv.value = request.ignoreValue ? previous!.kv.value : request.value
        kv.lease = request.ignoreLease ? previous!.kv.lease : request.lease
        kv.createRevision = previous?.kv.createRevision ?? transaction.main
        kv.modRevision = transaction.main
        kv.version = (previous?.kv.version ?? 0) + 1
        rows.append(Row(revision: Revision(main: transaction.main, sub: transaction.count), kv: kv, isTombstone: false))
        transaction.count += 1
        var response = PB.PutResponse()
        response.header = header(transaction.main)
        if request.prevKv { response.prevKv = previous?.kv }
        return response
    }

    mutating func delete(_ request: PB.DeleteRangeRequest, _ transaction: inout Transaction) -> PB.DeleteRangeResponse {
        let found = live(request.key, request.rangeEnd, at: transaction.visible)
        var response = PB.DeleteRangeResponse()
        for row in found {
            var kv = Mvccpb.KeyValue()
            kv.key = row.kv.key
            rows.append(Row(revision: Revision(main: transaction.main, sub: transaction.count), kv: kv, isTombstone: true))
            transaction.count += 1
        }
        response.header = header(transaction.visible)
        response.deleted = Int64(found.count)
        if request.prevKv { response.prevKvs = found.map(\.kv) }
        return response
    }

    // MARK: transactions

    func holds(_ compare: PB.Compare) -> Bool {
        let found = live(compare.key, compare.rangeEnd, at: currentRevision).map(\.kv)
        if found.isEmpty { return compare.target == .value ? false : holds(compare, Mvccpb.KeyValue()) }
        return found.allSatisfy { holds(compare, $0) }
    }

    private func holds(_ compare: PB.Compare, _ kv: Mvccpb.KeyValue) -> Bool {
        func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a > b ? 1 : 0 }
        var result = 0
        switch (compare.target, compare.targetUnion) {
        case (.version, .version(let number)): result = order(kv.version, number)
        case (.create, .createRevision(let number)): result = order(kv.createRevision, number)
        case (.mod, .modRevision(let number)): result = order(kv.modRevision, number)
        case (.lease, .lease(let number)): result = order(kv.lease, number)
        case (.value, .value(let bytes)):
            result = kv.value == bytes ? 0 : kv.value.lexicographicallyPrecedes(bytes) ? -1 : 1
        case (.version, _): result = order(kv.version, 0)
        case (.create, _): result = order(kv.createRevision, 0)
        case (.mod, _): result = order(kv.modRevision, 0)
        case (.lease, _): result = order(kv.lease, 0)
        case (.value, _): result = kv.value.isEmpty ? 0 : 1
        default: break
        }
        switch compare.result {
        case .equal: return result == 0
        case .notEqual: return result != 0
        case .greater: return result > 0
        default: return result < 0
        }
    }

    /// The outcome of each transaction that is reached, in the order reached.
    func outcomes(_ request: PB.TxnRequest) -> [Bool] {
        let succeeded = request.compare.allSatisfy(holds)
        var all = [succeeded]
        for operation in succeeded ? request.success : request.failure {
            if case .requestTxn(let nested) = operation.request { all += outcomes(nested) }
        }
        return all
    }

    func check(_ request: PB.TxnRequest, _ outcomes: inout ArraySlice<Bool>, puts: Bool) throws(StoreError) {
        let succeeded = outcomes.removeFirst()
        for operation in succeeded ? request.success : request.failure {
            switch operation.request {
            case .requestPut(let put) where puts:
                if put.ignoreValue || put.ignoreLease, live(put.key, [], at: currentRevision).isEmpty { throw .keyNotFound }
                if put.lease != 0, !leases.contains(put.lease) { throw .leaseNotFound }
            case .requestRange(let range) where !puts && range.revision != 0:
                if range.revision > currentRevision { throw .futureRevision }
                if range.revision < compactRevision { throw .compacted }
            case .requestTxn(let nested): try check(nested, &outcomes, puts: puts)
            default: break
            }
        }
    }

    mutating func txn(
        _ request: PB.TxnRequest, _ outcomes: inout ArraySlice<Bool>, _ transaction: inout Transaction
    ) throws(StoreError) -> PB.TxnResponse {
        var response = PB.TxnResponse()
        response.header = PB.ResponseHeader()
        response.succeeded = outcomes.removeFirst()
        for operation in response.succeeded ? request.success : request.failure {
            var result = PB.ResponseOp()
            switch operation.request {
            case .requestRange(let range): result.response = .responseRange(try self.range(range, visible: transaction.visible))
            case .requestPut(let put): result.response = .responsePut(try self.put(put, &transaction))
            case .requestDeleteRange(let range): result.response = .responseDeleteRange(delete(range, &transaction))
            case .requestTxn(let nested): result.response = .responseTxn(try txn(nested, &outcomes, &transaction))
            case nil: break
            }
            response.responses.append(result)
        }
        return response
    }

    mutating func compact(to revision: Int64) throws(StoreError) {
        if revision <= compactRevision { throw .compacted }
        if revision > currentRevision { throw .futureRevision }
        compactRevision = revision
        let kept = kept(at: revision)
        rows.removeAll { $0.revision.main <= revision && !kept.contains($0.revision) }
    }

    func kept(at revision: Int64) -> Set<Revision> {
        var latest: [[UInt8]: Row] = [:]
        for row in rows where row.revision.main <= revision { latest[row.kv.key] = row }
        return Set(latest.values.filter { !$0.isTombstone || $0.revision.main == revision }.map(\.revision))
    }
}
