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
