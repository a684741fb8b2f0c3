import Base
import Storage

let testMetadata = WALMetadata(memberID: MemberID(0x1234_5678_9ABC), clusterID: ClusterID(77))

func logEntry(_ index: UInt64, term: UInt64 = 1, _ text: String = "x") -> WALEntry {
    WALEntry(term: Term(term), index: LogIndex(index), kind: .normal, data: Bytes(text))
}

func logState(_ commit: UInt64, term: UInt64 = 1) -> WALHardState {
    WALHardState(term: Term(term), vote: MemberID(9), commit: LogIndex(commit))
}

func snapshot(at index: UInt64, term: UInt64 = 1) -> RaftSnapshot {
    RaftSnapshot(index: LogIndex(index), term: Term(term), configuration: ConfigurationState(voters: [9]), data: Bytes("{}"))
}
