import Base
import Wire

/// What etcd refuses before it proposes anything: depends on the request alone (etcd: api/v3rpc/key.go).
package enum RequestValidation {
    /// limits.tsv: `--max-txn-ops`.
    package static let operationsMaxDefault = 128

    package static func check(_ request: Etcdserverpb.RangeRequest.View) throws(StoreError) {
        if request.key.isEmpty { throw .emptyKey }
        if !(0...2).contains(request.sortOrder.rawValue) || !(0...4).contains(request.sortTarget.rawValue) { throw .invalidSortOption }
    }

    package static func check(_ request: Etcdserverpb.PutRequest.View) throws(StoreError) {
        if request.key.isEmpty { throw .emptyKey }
        if request.ignoreValue, !request.value.isEmpty { throw .valueProvided }
        if request.ignoreLease, request.lease != 0 { throw .leaseProvided }
    }

    package static func check(_ request: Etcdserverpb.DeleteRangeRequest.View) throws(StoreError) {
        if request.key.isEmpty { throw .emptyKey }
    }

    package static func check(_ plan: borrowing TxnPlan, in message: RawSpan, operationsMax: Int) throws(StoreError) {
        try check(plan, level: 0, operationsMax: operationsMax)
        for branch in [plan.levels[0].success, plan.levels[0].failure] where TxnIntervals.mayOverlap(plan, branch) {
            _ = try TxnIntervals(plan, branch, in: message)
        }
    }

    private static func check(_ plan: borrowing TxnPlan, level: Int, operationsMax: Int) throws(StoreError) {
        let level = plan.levels[level]
        let largest = max(level.compares.count, level.success.count, level.failure.count)
        if largest > operationsMax { throw .tooManyOperations }
        for index in level.compares where plan.compares[index].key.isEmpty { throw .emptyKey }
        for index in level.success { try check(plan, operation: index, operationsMax: operationsMax - largest) }
        for index in level.failure { try check(plan, operation: index, operationsMax: operationsMax - largest) }
    }

    private static func check(_ plan: borrowing TxnPlan, operation index: Int, operationsMax: Int) throws(StoreError) {
        switch plan.operations[index] {
        case .none: throw .keyNotFound
        case .range(let request): try check(request)
        case .put(let request): try check(request)
        case .deleteRange(let request): try check(request)
        case .txn(let level): try check(plan, level: level, operationsMax: operationsMax)
        }
    }
}
