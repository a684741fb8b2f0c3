import Base
import Cluster
import Raft
import Storage

/// `--force-new-cluster`: a member's log goes on as that of a cluster of one. What is committed stays, what is not is dropped,
/// and entries that remove the other members are appended as committed (as etcd does; they are applied like any others).
struct ForcedCluster: Equatable {
    /// Of the old log, as far as it was committed.
    let kept: [WALEntry]
    /// Appended to it. They replace what stood there uncommitted.
    let added: [WALEntry]
    let state: WALHardState

    init(
        _ me: MemberID, peerURLs: [String], configuration: ConfigurationState?, base: LogIndex, entries: [WALEntry], state: WALHardState
    ) throws(StartError) {
        kept = entries.filter { $0.index <= state.commit }
        var voters = Set((configuration?.voters ?? []).map { MemberID($0) })
        var learners = Set((configuration?.learners ?? []).map { MemberID($0) })
        for id in (configuration?.votersOutgoing ?? []) + (configuration?.learnersNext ?? []) { learners.insert(MemberID(id)) }
        for entry in kept where entry.kind != .normal {
            let change: ConfigurationChange
            do throws(RaftError) {
                change = try ConfigurationChange(decoding: entry.data, kind: EntryKind(rawValue: entry.kind.rawValue)!)
            } catch {
                throw StartError("log entry \(entry.index) holds a configuration change that cannot be read: \(error)")
            }
            for single in change.changes where single.member != .zero && single.kind != .updateMember {
                voters.remove(single.member)
                learners.remove(single.member)
                switch single.kind {
                case .addVoter: voters.insert(single.member)
                case .addLearner: learners.insert(single.member)
                case .removeMember, .updateMember: break
                }
            }
        }
        var changes: [ConfigurationChange] = []
        // First this member: the configuration must never be without a voter.
        if !voters.contains(me) {
            let member = ClusterMember(id: me, name: "", peerURLs: peerURLs)
            let context = learners.contains(me) ? ForcedCluster.promotion(of: me) : Bytes(member.json)
            changes.append(ConfigurationChange([.init(.addVoter, me)], context: context))
        }
        for id in voters.union(learners).subtracting([me]).sorted() { changes.append(ConfigurationChange([.init(.removeMember, id)])) }
        let term = max(state.term, Term(1))
        let last = max(kept.last?.index ?? base, state.commit)
        added = changes.enumerated().map { position, change in
            WALEntry(
                term: term, index: LogIndex(last.rawValue + UInt64(position) + 1), kind: .configurationChange, data: change.encodedV1())
        }
        self.state = WALHardState(term: term, vote: state.vote, commit: added.last?.index ?? last)
    }

    private static func promotion(of id: MemberID) -> Bytes { Bytes("{\"id\":\(id.rawValue),\"peerURLs\":null,\"isPromote\":true}") }
}
