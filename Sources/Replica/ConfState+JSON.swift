import Base
import Raft

extension ConfState {
    /// The row `confState` of the bucket `meta`: raftpb.ConfState as Go's encoder writes it, ids as numbers (formats.md §4.2).
    var json: String {
        func list(_ name: String, _ ids: [MemberID]) -> String {
            ids.isEmpty ? "" : "\"\(name)\":[" + ids.map(\.description).joined(separator: ",") + "],"
        }
        return "{" + list("voters", voters) + list("learners", learners) + list("voters_outgoing", votersOutgoing)
            + list("learners_next", learnersNext) + "\"auto_leave\":\(autoLeave)}"
    }
}
