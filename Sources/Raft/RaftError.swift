import Base

/// Why a request of this member's own user, or what was found on disk, was refused.
package enum RaftError: Error, Equatable, Sendable {
    case noLeader
    /// The leader is handing over; proposals wait until that ends, one election timeout at most.
    case leadershipTransferInProgress(to: MemberID)
    case uncommittedSizeLimit(bytes: Int, max: Int)
    /// The leader is no longer a member of the configuration it leads.
    case notMember
    case configurationChangePending(at: LogIndex)
    case configurationIsJoint
    case configurationIsNotJoint
    case invalidConfigurationChange(String)
    case malformedConfigurationChange(String)
    case tooManyReads(max: Int)

    // What was found on disk contradicts itself.
    case recoveredEntriesNotConsecutive(expected: LogIndex, found: LogIndex)
    case recoveredTermsDescend(at: LogIndex)
    case recoveredCommitBeyondLog(commit: LogIndex, last: LogIndex)
    case recoveredAppliedBeyondLog(applied: LogIndex, last: LogIndex)
    case recoveredAppliedBeforeLog(applied: LogIndex, base: LogIndex)
    case recoveredConfigurationInvalid(String)
}

extension RaftError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noLeader: "there is no leader; try again after an election"
        case .leadershipTransferInProgress(let to): "leadership is being transferred to member \(to.hex); try again"
        case .uncommittedSizeLimit(let bytes, let max):
            "\(bytes) bytes of proposals wait to be committed, \(max) are allowed; try again when the cluster has caught up"
        case .notMember: "this member leads but was removed from the cluster; ask another member"
        case .configurationChangePending(let index):
            "a membership change at log index \(index) is not yet applied; try again after it"
        case .configurationIsJoint: "the last membership change is not finished (joint configuration); try again after it"
        case .configurationIsNotJoint: "there is no unfinished membership change to leave"
        case .invalidConfigurationChange(let why): "the membership change is not possible: \(why)"
        case .malformedConfigurationChange(let why): "a membership change could not be decoded: \(why)"
        case .tooManyReads(let max): "\(max) linearizable reads wait already; try again"
        case .recoveredEntriesNotConsecutive(let expected, let found):
            "the log has entry \(found) where \(expected) should be; restore this member from its peers or from a backup"
        case .recoveredTermsDescend(let index):
            "the log's term goes down at entry \(index); restore this member from its peers or from a backup"
        case .recoveredCommitBeyondLog(let commit, let last):
            "the log ends at entry \(last), but entry \(commit) was known to be committed: entries were lost; "
                + "remove this member and add it anew, or restore its data directory"
        case .recoveredAppliedBeyondLog(let applied, let last):
            "the log ends at entry \(last), but the store holds the effect of entry \(applied): entries were lost; "
                + "remove this member and add it anew, or restore its data directory"
        case .recoveredAppliedBeforeLog(let applied, let base):
            "the store ends at entry \(applied), but the log begins after entry \(base): the snapshot between them is missing; "
                + "remove this member and add it anew, or restore its data directory"
        case .recoveredConfigurationInvalid(let why):
            "the saved membership contradicts itself (\(why)); restore this member from its peers or from a backup"
        }
    }
}

/// A message that was not acted on although the protocol allows no such message. Never a trap: the peer may be wrong, or this
/// member may have lost data.
package struct Refusal: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// The leader knows entries up to `commit` to be on this member, which has only `last`: **this member lost acknowledged
        /// entries** (its disk lied, or an older data directory was put back). It must stop and be added anew: if it
        /// went on voting and acknowledging, committed writes could be lost.
        case commitBeyondLog(commit: LogIndex, last: LogIndex)
        /// The leader would overwrite an entry that this member knows to be committed.
        case conflictWithCommitted(at: LogIndex, commit: LogIndex)
        /// Two members claim to lead the same term.
        case secondLeader(known: MemberID)
        /// A follower has entries of this leader's own term, or committed ones, that the leader itself does not have: **the leader
        /// lost entries**, or the follower belongs to an earlier life of the cluster.
        case acknowledgesBeyondLog(index: LogIndex, last: LogIndex)
        case entriesNotConsecutive
        case wrongAddressee(MemberID)
        case senderMissing
        case termMissing
        /// A term or index that no cluster reaches.
        case outOfRange
        case snapshotMissing
        case snapshotConfigurationInvalid(String)
        /// The snapshot's configuration does not name this member.
        case notInSnapshot
        case contextMissing
    }

    package var kind: MessageKind
    package var from: MemberID
    package var reason: Reason

    package init(kind: MessageKind, from: MemberID, reason: Reason) {
        self.kind = kind
        self.from = from
        self.reason = reason
    }

    /// True if the member must stop: its log contradicts what the cluster knows of it.
    package var isFatal: Bool {
        switch reason {
        case .commitBeyondLog, .conflictWithCommitted, .acknowledgesBeyondLog: true
        case .secondLeader, .entriesNotConsecutive, .wrongAddressee, .senderMissing, .termMissing,
            .outOfRange, .snapshotMissing, .snapshotConfigurationInvalid, .notInSnapshot, .contextMissing:
            false
        }
    }
}

extension Refusal: CustomStringConvertible {
    package var description: String { "refused message \(kind) from member \(from.hex): \(why)" }

    private static let twoLives =
        "The logs of the two members contradict each other: one was started anew after it had lost its data. Find out which; remove it "
        + "from the cluster and add it again with an empty data directory and --initial-cluster-state=existing"

    private var why: String {
        switch reason {
        case .commitBeyondLog(let commit, let last):
            "it says entry \(commit) is committed and was acknowledged by this member, whose log ends at \(last): entries were lost. "
                + "Remove this member from the cluster and add it anew with an empty data directory"
        case .conflictWithCommitted(let index, let commit):
            "it would overwrite entry \(index), but everything up to \(commit) is committed here. " + Self.twoLives
        case .secondLeader(let known): "member \(known.hex) already leads this term"
        case .acknowledgesBeyondLog(let index, let last):
            "it has everything up to entry \(index), but the log of this member, which leads, ends at \(last). " + Self.twoLives
        case .entriesNotConsecutive: "its entries do not follow each other"
        case .wrongAddressee(let to): "it is for member \(to.hex)"
        case .senderMissing: "it names no sender, or this member itself"
        case .termMissing: "it has no term"
        case .outOfRange: "its term or index is beyond what any cluster reaches"
        case .snapshotMissing: "it has no snapshot"
        case .snapshotConfigurationInvalid(let what): "its snapshot's configuration contradicts itself: \(what)"
        case .notInSnapshot: "its snapshot's configuration does not name this member"
        case .contextMissing: "it has no request context"
        }
    }
}
