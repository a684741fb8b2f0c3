import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Field numbers of etcdserverpb.InternalRaftRequest that this release proposes.
enum RequestField {
    static let put = 4
    static let deleteRange = 5
    static let txn = 6
    static let compaction = 7
    static let leaseGrant = 8
    static let leaseRevoke = 9
    static let alarm = 10
    static let leaseCheckpoint = 11
    static let header = 100
    static let clusterVersionSet = 1300
    static let clusterMemberAttrSet = 1301
    static let downgradeInfoSet = 1302
}

/// Proposals: encoded as they come, proposed once per turn as one batch.
extension Replica {
    /// Encodes `InternalRaftRequest{<field>: message, header{ID}}` with the client's bytes as they are, and remembers who waits.
    mutating func propose(_ message: RawSpan, field: Int, _ request: Request, loop: UInt8) throws(CallError) {
        try propose(message, field: field, waiter(for: request.ticket, request.method, loop))
    }

    /// Entries that may be committed and not applied while proposals are taken.
    private static var applyLagMax: UInt64 { 5000 }
    /// Bytes of proposals that may wait for a leader.
    private static var stalledBytesMax: Int { 64 << 20 }

    /// A proposal of the replica's own: nobody is answered.
    /// `asLeader`: only this leader may; should it lose its leadership first, the proposal is dropped.
    mutating func proposeInternally(_ message: RawSpan, field: Int, _ method: Method, asLeader: Bool = false) {
        // Made again later if it is refused now; too large is impossible, as these are a few hundred bytes.
        do throws(CallError) { try propose(message, field: field, waiter(for: 0, method, 0)) } catch { return }
        if asLeader { leadersProposals.append(proposalRanges.count - 1) }
    }

    private func waiter(for ticket: UInt64, _ method: Method, _ loop: UInt8) -> PendingProposals.Waiter {
        .init(ticket: ticket, loop: loop, method: method, isWaiting: true, deadline: now + configuration.requestTimeout)
    }

    private mutating func propose(_ message: RawSpan, field: Int, _ waiter: PendingProposals.Waiter) throws(CallError) {
        // limits.tsv, "commit minus apply gap"
        guard raft.committed.rawValue - applied.rawValue <= Self.applyLagMax, stalledBytes <= Self.stalledBytesMax else {
            throw .grpc(.requestTooManyRequests)
        }
        let id = pending.nextID
        let start = proposals.count
        proposals.reserve(message.byteCount + 40)
        proposals.append(varint: UInt64(field << 3 | 2))
        proposals.append(varint: UInt64(message.byteCount))
        proposals.append(message)
        let size = varintSize(id) + 1
        if field < RequestField.header {
            appendHeader(id, size)
        } else {
            // Fields ascend, as every other encoder writes them: the header goes in front.
            proposals.truncate(to: start)
            appendHeader(id, size)
            proposals.append(varint: UInt64(field << 3 | 2))
            proposals.append(varint: UInt64(message.byteCount))
            proposals.append(message)
        }
        let count = proposals.count - start
        guard count <= configuration.maxRequestBytes else {
            proposals.truncate(to: start)
            throw .requestTooLarge
        }
        proposalRanges.append(ByteRange(offset: start, count: count))
        pending.append(waiter)
    }

    private mutating func appendHeader(_ id: UInt64, _ size: Int) {
        proposals.append(varint: UInt64(RequestField.header << 3 | 2))
        proposals.append(varint: UInt64(size))
        proposals.append(1 << 3)
        proposals.append(varint: id)
    }

    /// Gives the turn's proposals to Raft as one batch, together with those that waited for a leader.
    mutating func proposeGathered(into effects: inout Effects) {
        beginBarrier()
        if !raft.isLeader || raft.transferee != .zero { dropLeadersProposals() }
        dropStalled()
        guard !proposalRanges.isEmpty || !stalled.isEmpty else { return }
        var batch: [Bytes] = []
        batch.reserveCapacity(stalled.count + proposalRanges.count)
        for proposal in stalled { batch.append(proposal.data) }
        if !proposalRanges.isEmpty {
            let block = proposals.freeze()
            for range in proposalRanges { batch.append(Bytes(block, offset: Int(range.offset), count: range.count)) }
            proposalRanges.removeAll(keepingCapacity: true)
        }
        do throws(RaftError) {
            _ = try raft.propose(batch: batch)
            stalled.removeAll()
            stalledBytes = 0
        } catch {
            // They wait, no longer than their clients do: for a leader, or until this one takes more. By then another may lead.
            for (position, data) in batch[stalled.count...].enumerated() where !leadersProposals.contains(position) {
                stalled.append((data, now + configuration.requestTimeout))
                stalledBytes += data.count
            }
        }
        leadersProposals.removeAll()
    }

    private mutating func dropLeadersProposals() {
        for position in leadersProposals.reversed() { proposalRanges.remove(at: position) }
        leadersProposals.removeAll()
    }

    private mutating func dropStalled() {
        guard let first = stalled.first, first.deadline <= now else { return }
        stalled.removeAll { $0.deadline <= now }
        stalledBytes = stalled.reduce(0) { $0 + $1.data.count }
    }

    /// Tells the clients whose time has run out.
    mutating func expireProposals(into effects: inout Effects) {
        while let waiter = pending.takeExpired(now: now) {
            counted.failedProposals += 1
            guard waiter.ticket != 0 else { continue }
            effects.responses[Int(waiter.loop)].fail(
                waiter.ticket, waiter.method, timeout(since: waiter.deadline - configuration.requestTimeout))
        }
    }
}
