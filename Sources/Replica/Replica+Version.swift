import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// The leader's view of what releases its members are: asked for every few seconds, and on the first commit of its term
/// (formats.md §10). One round at a time.
struct VersionMonitor {
    struct Round {
        var number: UInt64
        var term: Term
        var startedAt: Instant
        var waitingFor: Set<MemberID>
        /// Nil: no answer.
        var reports: [MemberID: VersionReport?]
    }

    var round: Round?
    var nextNumber: UInt64 = 1
    var nextRound = Instant(nanoseconds: 0)
    /// The term whose first entry was seen applied while leading it.
    var term = Term.zero
    /// Not proposed again before this: the same decision comes out of every round until it is applied.
    var proposedUntil = Instant(nanoseconds: 0)

    /// limits.tsv, "version monitor interval".
    static let interval = Interval.seconds(4)
    /// A round whose answers do not come is given up.
    static let patience = Interval.seconds(15)
}

/// The cluster's version: decided by the leader, set through the log.
extension Replica {
    /// Part of every turn.
    mutating func monitorVersions(into effects: inout Effects) {
        guard raft.isLeader, appliedTerm == raft.term else { return }
        if affairs.versions.term != raft.term {
            affairs.versions.term = raft.term
            affairs.versions.nextRound = now
            affairs.versions.proposedUntil = now
            affairs.versions.round = nil
        }
        if let round = affairs.versions.round, now - round.startedAt < VersionMonitor.patience { return }
        guard affairs.versions.nextRound <= now else { return }
        let isDowngrading = membership.downgradeTarget != nil
        let interval = isDowngrading ? min(VersionMonitor.interval, configuration.downgradeCheckInterval) : VersionMonitor.interval
        affairs.versions.nextRound = now + interval
        beginVersionRound(into: &effects)
    }

    private mutating func beginVersionRound(into effects: inout Effects) {
        let others = membership.sorted.map(\.id).filter { $0 != configuration.memberID }
        let own = VersionReport(server: configuration.version, cluster: membership.version, maxCluster: configuration.maxClusterVersion)
        let number = affairs.versions.nextNumber
        affairs.versions.nextNumber += 1
        affairs.versions.round = .init(
            number: number, term: raft.term, startedAt: now, waitingFor: Set(others), reports: [configuration.memberID: own])
        for member in others { ask(member, .version, for: .version(round: number), into: &effects) }
        concludeVersionRound()
    }

    mutating func versionAnswered(_ number: UInt64, from member: MemberID, _ answer: PeerAnswer) {
        guard affairs.versions.round?.number == number else { return }
        affairs.versions.round?.waitingFor.remove(member)
        var report: VersionReport?
        if case .body(let body) = answer { report = try? VersionReport(json: body.span) }
        affairs.versions.round?.reports.updateValue(report, forKey: member)
        concludeVersionRound()
    }

    private mutating func concludeVersionRound() {
        guard let round = affairs.versions.round, round.waitingFor.isEmpty else { return }
        affairs.versions.round = nil
        guard raft.isLeader, raft.term == round.term, affairs.versions.proposedUntil <= now else { return }
        let reports = Array(round.reports.values)
        let decision = ClusterVersions.decide(
            current: membership.version, reports: reports, downgradeTarget: membership.downgradeTarget)
        if case .set(let version) = decision { return proposeClusterVersion(version) }
        guard let target = membership.downgradeTarget, ClusterVersions.isDowngradeComplete(target: target, reports: reports) else { return }
        affairs.versions.proposedUntil = now + configuration.electionTimeout.scaled(by: 2)
        proposeDowngrade(nil)
    }

    private mutating func proposeClusterVersion(_ version: Version) {
        affairs.versions.proposedUntil = now + configuration.electionTimeout.scaled(by: 2)
        guard ClusterVersions.usesInternalRequests(membership.version) else {
            return proposeBare(path: "/0/version", value: version.description)
        }
        var request = Membershippb.ClusterVersionSetRequest()
        request.ver = version.description
        proposeInternally(request, field: RequestField.clusterVersionSet, .memberList, asLeader: true)
    }

    // MARK: Applying

    mutating func applyClusterVersion(_ body: RawSpan) throws(CallError) {
        let request = try decoded(Membershippb.ClusterVersionSetRequest.self, body)
        if let version = Version(request.ver) { setClusterVersion(version) }
    }

    mutating func setClusterVersion(_ version: Version) {
        affairs.refusal = ClusterVersions.startRefusal(own: configuration.version, cluster: version)
        affairs.versions.proposedUntil = now
        membership.version = version
        store.backend.put(.cluster, key: Bytes("clusterVersion").span, value: Bytes(version.description).span)
        // Nothing that this release writes is newer than 3.5, so that the database's format may follow at once.
        if let storage = membership.storageVersion {
            store.backend.put(.meta, key: Bytes("storageVersion").span, value: Bytes(storage.description).span)
        } else {
            store.backend.delete(.meta, key: Bytes("storageVersion").span)
        }
    }

    /// As `Maintenance.Status` tells it: without a row, the format is 3.5's.
    var reportedStorageVersion: Version? {
        membership.version.map { _ in membership.storageVersion ?? Version(3, 5) }
    }
}
