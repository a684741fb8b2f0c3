import Base
import Wire

/// Single requests and transactions, as parts of an applied entry or as reads.
extension Model {
    /// What a read at `revision` (of the request, or `visible` if it names none) yields. Compaction is not looked at here.
    package func range(_ request: Etcdserverpb.RangeRequest, visible: Int64) -> Etcdserverpb.RangeResponse {
        let revision = request.revision <= 0 ? visible : request.revision
        var rows: [Mvccpb.KeyValue] = []
        for key in numbers(request.key, request.rangeEnd) {
            if let version = live(key, at: revision) { rows.append(row(key, version)) }
        }
        var response = Etcdserverpb.RangeResponse()
        response.header = header(visible)
        response.count = Int64(rows.count)
        if request.countOnly { return response }
        if request.limit > 0, rows.count > Int(request.limit) {
            rows.removeLast(rows.count - Int(request.limit))
            response.more = true
        }
        if request.keysOnly { for place in rows.indices { rows[place].value = [] } }
        response.kvs = rows
        return response
    }

    func check(_ put: Etcdserverpb.PutRequest) throws(Failure) {
        if put.ignoreValue || put.ignoreLease {
            guard let key = number(of: put.key), live(key, at: revision) != nil else { throw Failure(error: .keyNotFound) }
        }
        if put.lease != 0, leases[put.lease] == nil { throw Failure(error: .leaseNotFound) }
    }

    mutating func apply(_ put: Etcdserverpb.PutRequest, _ writing: inout Writing) throws(Failure) -> Etcdserverpb.PutResponse {
        let key = number(creating: put.key)
        let previous = live(key, at: writing.visible)
        if previous == nil, put.ignoreValue || put.ignoreLease { throw Failure(error: .keyNotFound) }
        let value = put.ignoreValue ? previous?.value ?? [] : put.value
        let lease = put.ignoreLease ? previous?.lease ?? 0 : put.lease
        append(key, value, lease: lease, &writing)
        var response = Etcdserverpb.PutResponse()
        response.header = header(writing.main)
        if put.prevKv, let previous { response.prevKv = row(key, previous) }
        return response
    }

    mutating func apply(_ delete: Etcdserverpb.DeleteRangeRequest, _ writing: inout Writing) -> Etcdserverpb.DeleteRangeResponse {
        var response = Etcdserverpb.DeleteRangeResponse()
        for key in numbers(delete.key, delete.rangeEnd) {
            guard let previous = live(key, at: writing.visible) else { continue }
            response.deleted += 1
            if delete.prevKv { response.prevKvs.append(row(key, previous)) }
            append(key, nil, lease: 0, &writing)
        }
        response.header = header(writing.visible)
        return response
    }

    // MARK: Transactions

    static func hasPut(_ txn: Etcdserverpb.TxnRequest) -> Bool {
        (txn.success + txn.failure).contains { operation in
            switch operation.request {
            case .requestPut: true
            case .requestTxn(let nested): hasPut(nested)
            default: false
            }
        }
    }

    private func holds(_ compare: Etcdserverpb.Compare) -> Bool {
        var found: [Mvccpb.KeyValue] = []
        for key in numbers(compare.key, compare.rangeEnd) {
            if let version = live(key, at: revision) { found.append(row(key, version)) }
        }
        if found.isEmpty { return compare.target == .value ? false : holds(compare, Mvccpb.KeyValue()) }
        return found.allSatisfy { holds(compare, $0) }
    }

    private func holds(_ compare: Etcdserverpb.Compare, _ row: Mvccpb.KeyValue) -> Bool {
        func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a > b ? 1 : 0 }
        let result =
            switch (compare.target, compare.targetUnion) {
            case (.version, .version(let number)): order(row.version, number)
            case (.create, .createRevision(let number)): order(row.createRevision, number)
            case (.mod, .modRevision(let number)): order(row.modRevision, number)
            case (.lease, .lease(let number)): order(row.lease, number)
            case (.value, .value(let bytes)): row.value == bytes ? 0 : row.value.lexicographicallyPrecedes(bytes) ? -1 : 1
            case (.version, _): order(row.version, 0)
            case (.create, _): order(row.createRevision, 0)
            case (.mod, _): order(row.modRevision, 0)
            case (.lease, _): order(row.lease, 0)
            default: 0
            }
        switch compare.result {
        case .equal: return result == 0
        case .notEqual: return result != 0
        case .greater: return result > 0
        default: return result < 0
        }
    }

    /// The outcome of each transaction that is reached, nested ones too, in the order reached: all before the first change.
    func outcomes(_ txn: Etcdserverpb.TxnRequest) -> [Bool] {
        let succeeded = txn.compare.allSatisfy(holds)
        var all = [succeeded]
        for operation in succeeded ? txn.success : txn.failure {
            if case .requestTxn(let nested) = operation.request { all += outcomes(nested) }
        }
        return all
    }

    func check(_ txn: Etcdserverpb.TxnRequest, _ outcomes: inout ArraySlice<Bool>) throws(Failure) {
        let all = outcomes
        try check(txn, &outcomes, puts: true)
        outcomes = all
        try check(txn, &outcomes, puts: false)
    }

    private func check(_ txn: Etcdserverpb.TxnRequest, _ outcomes: inout ArraySlice<Bool>, puts: Bool) throws(Failure) {
        for operation in outcomes.removeFirst() ? txn.success : txn.failure {
            switch operation.request {
            case .requestPut(let put) where puts: try check(put)
            case .requestRange(let range) where !puts && range.revision != 0:
                if range.revision > revision { throw Failure(error: .futureRev) }
                if range.revision < compactRevision { throw Failure(error: .compacted) }
            case .requestTxn(let nested): try check(nested, &outcomes, puts: puts)
            default: break
            }
        }
    }

    mutating func apply(
        _ txn: Etcdserverpb.TxnRequest, _ outcomes: inout ArraySlice<Bool>, _ writing: inout Writing
    ) throws(Failure) -> Etcdserverpb.TxnResponse {
        var response = Etcdserverpb.TxnResponse()
        response.header = Etcdserverpb.ResponseHeader()
        response.succeeded = outcomes.removeFirst()
        for operation in response.succeeded ? txn.success : txn.failure {
            var result = Etcdserverpb.ResponseOp()
            switch operation.request {
            case .requestRange(let range): result.response = .responseRange(self.range(range, visible: writing.visible))
            case .requestPut(let put): result.response = .responsePut(try apply(put, &writing))
            case .requestDeleteRange(let delete): result.response = .responseDeleteRange(apply(delete, &writing))
            case .requestTxn(let nested): result.response = .responseTxn(try apply(nested, &outcomes, &writing))
            case nil: break
            }
            response.responses.append(result)
        }
        return response
    }

    /// A transaction of ranges alone, read at `visible`.
    package func read(_ txn: Etcdserverpb.TxnRequest, visible: Int64) -> Etcdserverpb.TxnResponse {
        var past = self
        past.revision = visible
        var outcomes = past.outcomes(txn)[...]
        var writing = Writing(main: visible + 1)
        guard var response = try? past.apply(txn, &outcomes, &writing) else { return Etcdserverpb.TxnResponse() }
        response.header = header(visible)
        return response
    }
}
