import Base
import Wire

/// The keys that a branch of a transaction puts and the ranges it deletes, to refuse a key that is changed twice.
///
/// The rule is etcd's, oddities included (api/v3rpc/key.go, checkIntervals): of nested transactions both branches count, but
/// not against each other; a nested transaction's puts are held against the deletes of this level and of the nested ones
/// before it, not of those after it; a delete up to the end of the key space (range_end of one zero byte) overlaps nothing.
struct TxnIntervals {
    private struct Interval {
        var start: Bytes
        /// Empty: `start` alone.
        var end: Bytes

        func contains(_ key: Bytes) -> Bool { end.isEmpty ? key == start : key >= start && key < end }
    }

    private var puts: Set<Bytes> = []
    private var deletes: [Interval] = []

    /// A branch with at most one put and neither deletes nor nested transactions has nothing that could overlap.
    static func mayOverlap(_ plan: borrowing TxnPlan, _ branch: Range<Int>) -> Bool {
        var puts = 0
        for index in branch {
            switch plan.operations[index] {
            case .none, .range: break
            case .put: puts += 1
            case .deleteRange, .txn: return branch.count > 1 || isNested(plan.operations[index])
            }
        }
        return puts > 1
    }

    private static func isNested(_ operation: TxnPlan.Operation) -> Bool {
        if case .txn = operation { return true }
        return false
    }

    init(_ plan: borrowing TxnPlan, _ branch: Range<Int>, in message: RawSpan) throws(StoreError) {
        for index in branch {
            guard case .deleteRange(let request) = plan.operations[index] else { continue }
            deletes.append(
                Interval(
                    start: Bytes(copying: message.subscripted(request.key)), end: Bytes(copying: message.subscripted(request.rangeEnd))))
        }
        for index in branch {
            guard case .txn(let nested) = plan.operations[index] else { continue }
            let level = plan.levels[nested]
            try add(try TxnIntervals(plan, level.success, in: message), try TxnIntervals(plan, level.failure, in: message))
        }
        for index in branch {
            guard case .put(let request) = plan.operations[index] else { continue }
            try add(Bytes(copying: message.subscripted(request.key)))
        }
    }

    private mutating func add(_ key: Bytes) throws(StoreError) {
        if puts.contains(key) || isDeleted(key) { throw .duplicateKey }
        puts.insert(key)
    }

    /// Only one of the two branches will run: a key in both is no duplicate.
    private mutating func add(_ success: TxnIntervals, _ failure: TxnIntervals) throws(StoreError) {
        for key in success.puts { try add(key) }
        for key in failure.puts {
            if isDeleted(key) || (puts.contains(key) && !success.puts.contains(key)) { throw .duplicateKey }
        }
        puts.formUnion(failure.puts)
        deletes += success.deletes + failure.deletes
    }

    private func isDeleted(_ key: Bytes) -> Bool {
        for interval in deletes where interval.contains(key) { return true }
        return false
    }
}
