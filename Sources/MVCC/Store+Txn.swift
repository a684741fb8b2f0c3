import Base
import Storage
import Wire

extension Store {
    /// Applies a transaction and writes its TxnResponse; a read-only one changes nothing and may be given at any time.
    ///
    /// All comparisons, those of nested transactions too, are made before the first operation. What could fail is checked in
    /// the branches taken before anything is applied: all of the transaction happens or nothing (etcd #18667).
    package mutating func txn(
        _ plan: inout TxnPlan, in message: RawSpan, stamp: ResponseStamp?, leaseExists: (LeaseID) -> Bool,
        changes: inout ChangeSet, into out: inout ByteBuffer
    ) throws(StoreError) {
        plan.succeeded.removeAll(keepingCapacity: true)
        plan.succeeded.append(contentsOf: repeatElement(false, count: plan.levels.count))
        evaluate(&plan, level: 0, in: message)
        try checkPuts(plan, level: 0, in: message, leaseExists: leaseExists)
        #if PLANTED_BUGS
            if !PlantedBug.isActive(.txnHalfApplied) { try checkRanges(plan, level: 0) }
        #else
            try checkRanges(plan, level: 0)
        #endif
        var deletions: [Etcdserverpb.DeleteRangeRequest.View] = []
        try checkDeletions(plan, level: 0, in: message, &deletions)

        let willChange = willChange(plan, level: 0, in: message)
        var transaction = Transaction(after: currentRevision)
        let start = out.count
        out.appendResponseHeader(stamp, revision: willChange ? transaction.main : currentRevision)
        do {
            try apply(plan, level: 0, in: message, &transaction, &changes, into: &out)
        } catch {
            out.truncate(to: start)
            #if PLANTED_BUGS
                if PlantedBug.isActive(.txnHalfApplied) { finish(transaction) }
            #endif
            throw error
        }
        precondition(transaction.hasChanges == willChange)
        finish(transaction)
    }

    // MARK: comparisons

    private func evaluate(_ plan: inout TxnPlan, level: Int, in message: RawSpan) {
        plan.succeeded[level] = plan.levels[level].compares.allSatisfy { holds(plan.compares[$0], in: message) }
        for index in plan.taken(level) {
            if case .txn(let nested) = plan.operations[index] { evaluate(&plan, level: nested, in: message) }
        }
    }

    private func holds(_ compare: TxnPlan.Compare, in message: RawSpan) -> Bool {
        let range = KeyRange(message.subscripted(compare.key), message.subscripted(compare.rangeEnd))
        if range.isSingle {
            guard let ref = index.find(range.start), ref.isAlive else { return holdsForMissing(compare) }
            return holds(compare, ref, in: message)
        }
        var walk = index.walk(range)
        var isEmpty = true
        while let ref = walk.next() {
            guard ref.isAlive else { continue }
            isEmpty = false
            if !holds(compare, ref, in: message) { return false }
        }
        return isEmpty ? holdsForMissing(compare) : true
    }

    /// A missing key compares as zeros; its value as nothing at all.
    private func holdsForMissing(_ compare: TxnPlan.Compare) -> Bool {
        let target = Etcdserverpb.Compare.CompareTarget(rawValue: compare.target)
        if target == .value { return false }
        return compare.accepts(compare.isKnownTarget ? compare.order(of: 0) : 0)
    }

    private func holds(_ compare: TxnPlan.Compare, _ ref: KeyRef, in message: RawSpan) -> Bool {
        switch Etcdserverpb.Compare.CompareTarget(rawValue: compare.target) {
        case .version: return compare.accepts(compare.order(of: ref.version))
        case .create: return compare.accepts(compare.order(of: ref.create))
        case .mod: return compare.accepts(compare.order(of: ref.mod))
        case .lease:
            guard ref.hasLease else { return compare.accepts(compare.order(of: 0)) }
            guard let row = try? rowView(ref.latest) else { return false }
            return compare.accepts(compare.order(of: row.lease))
        case .value:
            guard let row = try? rowView(ref.latest), let bytes = backend.row(at: ref.latest) else { return false }
            let operand = compare.operandField == 7 ? message.subscripted(compare.value) : RawSpan()
            return compare.accepts(bytes.subscripted(row.value).compare(operand))
        default: return compare.accepts(0)
        }
    }

    // MARK: checks

    private func checkPuts(
        _ plan: borrowing TxnPlan, level: Int, in message: RawSpan, leaseExists: (LeaseID) -> Bool
    ) throws(StoreError) {
        for index in plan.taken(level) {
            switch plan.operations[index] {
            case .put(let request):
                if request.ignoreValue || request.ignoreLease {
                    guard let ref = self.index.find(message.subscripted(request.key)), ref.isAlive else { throw .keyNotFound }
                }
                if request.lease != 0, !leaseExists(LeaseID(request.lease)) { throw .leaseNotFound }
            case .txn(let nested): try checkPuts(plan, level: nested, in: message, leaseExists: leaseExists)
            case .none, .range, .deleteRange: break
            }
        }
    }

    /// A put cannot take its value from a key that an operation before it deletes. Validation lets that through when the
    /// deletion goes to the end of the key space, and the reference ends with a panic on it.
    private func checkDeletions(
        _ plan: borrowing TxnPlan, level: Int, in message: RawSpan, _ deletions: inout [Etcdserverpb.DeleteRangeRequest.View]
    ) throws(StoreError) {
        for index in plan.taken(level) {
            switch plan.operations[index] {
            case .put(let request) where request.ignoreValue || request.ignoreLease:
                let key = message.subscripted(request.key)
                for deletion in deletions {
                    let range = KeyRange(message.subscripted(deletion.key), message.subscripted(deletion.rangeEnd))
                    if range.contains(key) { throw .keyNotFound }
                }
            case .deleteRange(let request): deletions.append(request)
            case .txn(let nested): try checkDeletions(plan, level: nested, in: message, &deletions)
            case .none, .range, .put: break
            }
        }
    }

    /// Unlike a range on its own, a negative revision is one that was compacted (etcd: checkRange).
    private func checkRanges(_ plan: borrowing TxnPlan, level: Int) throws(StoreError) {
        for index in plan.taken(level) {
            switch plan.operations[index] {
            case .range(let request):
                if request.revision == 0 { continue }
                if request.revision > currentRevision { throw .futureRevision }
                if request.revision < compactRevision { throw .compacted }
            case .txn(let nested): try checkRanges(plan, level: nested)
            case .none, .put, .deleteRange: break
            }
        }
    }

    /// The response's header comes before the operations' results, so it must be known beforehand whether there will be a
    /// change. A put is one; without any, the first deletion of a live key is.
    private func willChange(_ plan: borrowing TxnPlan, level: Int, in message: RawSpan) -> Bool {
        for index in plan.taken(level) {
            switch plan.operations[index] {
            case .put: return true
            case .deleteRange(let request):
                if self.index.liveCount(KeyRange(message.subscripted(request.key), message.subscripted(request.rangeEnd))) > 0 { return true }
            case .txn(let nested): if willChange(plan, level: nested, in: message) { return true }
            case .none, .range: break
            }
        }
        return false
    }

    // MARK: operations

    private mutating func apply(
        _ plan: borrowing TxnPlan, level: Int, in message: RawSpan, _ transaction: inout Transaction, _ changes: inout ChangeSet,
        into out: inout ByteBuffer
    ) throws(StoreError) {
        if plan.succeeded[level] { out.appendNumber(0x10, 1) }
        for index in plan.taken(level) {
            out.append(0x1A)
            let start = out.count
            try apply(plan, operation: index, in: message, &transaction, &changes, into: &out)
            out.insert(varint: UInt64(out.count - start), at: start)
        }
    }

    /// Writes one ResponseOp's content. Headers inside a transaction hold the revision alone; a nested one's is empty.
    private mutating func apply(
        _ plan: borrowing TxnPlan, operation index: Int, in message: RawSpan, _ transaction: inout Transaction,
        _ changes: inout ChangeSet, into out: inout ByteBuffer
    ) throws(StoreError) {
        let start = out.count + 1
        switch plan.operations[index] {
        case .none: return
        case .range(let request):
            out.append(0x0A)
            try appendRange(request, in: message, visible: transaction.visible, stamp: nil, into: &out)
        case .put(let request):
            out.append(0x12)
            try apply(request, in: message, &transaction, stamp: nil, &changes, into: &out)
        case .deleteRange(let request):
            out.append(0x1A)
            try apply(request, in: message, &transaction, stamp: nil, &changes, into: &out)
        case .txn(let nested):
            out.append(0x22)
            out.appendResponseHeader(nil, revision: 0)
            try apply(plan, level: nested, in: message, &transaction, &changes, into: &out)
        }
        out.insert(varint: UInt64(out.count - start), at: start)
    }
}

extension TxnPlan {
    /// The operations of the branch that the level takes.
    func taken(_ level: Int) -> Range<Int> { succeeded[level] ? levels[level].success : levels[level].failure }
}

extension TxnPlan.Compare {
    var isKnownTarget: Bool { (0...4).contains(target) }

    /// The operand counts only if it is the target's own; else it is zero.
    func order(of number: Int64) -> Int {
        let operand = operandField == UInt32(bitPattern: target) &+ 4 ? self.number : 0
        return number < operand ? -1 : number > operand ? 1 : 0
    }

    /// An unknown kind of result holds always (etcd: compareKV).
    func accepts(_ order: Int) -> Bool {
        switch Etcdserverpb.Compare.CompareResult(rawValue: result) {
        case .equal: order == 0
        case .notEqual: order != 0
        case .greater: order > 0
        case .less: order < 0
        default: true
        }
    }
}
