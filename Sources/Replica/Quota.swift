import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// What a write may add to the database (limits.tsv, area quota).
enum Quota {
    static let leaseGrantCost: Int64 = 64
    private static let putOverhead: Int64 = 256

    @inline(__always)
    static func cost(ofPut put: Etcdserverpb.PutRequest.View) -> Int64 {
        putOverhead + Int64(put.key.count) + Int64(put.value.count)
    }

    /// The dearer branch; 0 when neither puts anything.
    static func cost(of txn: borrowing TxnPlan, level: Int = 0) -> Int64 {
        max(cost(of: txn, txn.levels[level].success), cost(of: txn, txn.levels[level].failure))
    }

    private static func cost(of txn: borrowing TxnPlan, _ branch: Range<Int>) -> Int64 {
        var sum: Int64 = 0
        for index in branch {
            switch txn.operations[index] {
            case .put(let put): sum += cost(ofPut: put)
            case .txn(let level): sum += cost(of: txn, level: level)
            case .range, .deleteRange, .none: break
            }
        }
        return sum
    }
}
