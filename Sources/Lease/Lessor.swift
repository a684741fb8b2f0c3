import Base

/// The leases of a member: ids, deadlines and attached keys.
///
/// Decides what a grant, renewal or revocation means and which leases are due. Leaves to its owner, the replica: proposing
/// through the log, writing the rows (`LeaseRow`) and deleting the keys. Time is passed in; owned by the replica thread. Rules
/// and numbers: etcd's lessor (contract limits.tsv, area lease).
///
/// Every member holds all leases, but only the leader (`isPrimary`) keeps deadlines; elsewhere a lease never runs out. A lease
/// that comes from disk or meets a new leader gets its whole TTL again (or what the last checkpoint left of it), so no restart
/// and no election shortens a lease.
package struct Lessor: ~Copyable {
    /// Seconds. A lower TTL is raised to it.
    package let minimumTTL: Int64
    package private(set) var isPrimary = false

    var leases: [Lease] = []
    /// Slots in `leases` that hold none.
    private var freeSlots: [UInt32] = []
    var slots: [LeaseID: UInt32] = [:]
    /// The primary's leases by when they are to be looked at next. Empty elsewhere.
    private var due = SlotHeap()
    private var keys = AttachedKeys()
    /// The primary's leases by when their remaining TTL is to be put on record; only those that outlive a checkpoint interval.
    private var checkpoints = SlotHeap()
    /// nil: no checkpoints (the default).
    private let checkpointInterval: Interval?

    package static let maximumTTL: Int64 = 9_000_000_000
    /// How many may be revoked in one round, and how often a round is.
    package static let expiriesPerRound = 500
    package static let expiryRound = Interval.milliseconds(500)
    /// How many checkpoints go into one log entry.
    package static let checkpointsPerEntry = 1000
    /// A revocation that has not been applied after this is asked for again.
    private static let retryInterval = Interval.seconds(3)
    /// From this many leases on a new leader spreads their deadlines, this many to a second.
    private static let spreadThreshold = 1000
    private static let spreadPerSecond = 750

    struct Lease {
        /// 0: the slot is free.
        var id: LeaseID
        var ttl: Int64
        var remainingTTL: Int64
        /// When it runs out; `distantFuture` where the member isn't primary.
        var deadline: Instant
        /// Attached keys, as a list in `keys`.
        var head: UInt32 = AttachedKeys.none
        var keyCount: UInt32 = 0

        /// Seconds that a refreshed lease lives.
        var term: Int64 { remainingTTL > 0 ? remainingTTL : ttl }
    }

    package init(minimumTTL: Int64, checkpointInterval: Interval? = nil) {
        precondition(minimumTTL >= 1)
        self.minimumTTL = minimumTTL
        self.checkpointInterval = checkpointInterval
    }

    /// Seconds: 1.5 election timeouts, rounded up.
    package static func minimumTTL(electionTicks: Int, tick: Interval) -> Int64 {
        let nanoseconds = tick.scaled(by: Int64(electionTicks) * 3 / 2).nanoseconds
        return Swift.max(1, (nanoseconds + 999_999_999) / 1_000_000_000)
    }

    package var count: Int { slots.count }
    package var attachedKeyCount: Int { keys.count }
    package func contains(_ id: LeaseID) -> Bool { slots[id] != nil }

    // MARK: - Applying the log

    /// An id that no lease has, for a grant that leaves the choice to the server. To be chosen before the request is proposed.
    package func freeID(using random: inout RandomSource) -> LeaseID {
        while true {
            let id = LeaseID(Int64(random.next() >> 1))
            if id != .zero, slots[id] == nil { return id }
        }
    }

    /// Returns the lease's row; its TTL is what was granted.
    package mutating func grant(_ id: LeaseID, ttl: Int64, now: Instant) throws(LeaseError) -> LeaseRow {
        guard id != .zero else { throw .notFound }
        guard ttl <= Self.maximumTTL else { throw .ttlTooLarge }
        guard slots[id] == nil else { throw .alreadyExists }
        let row = LeaseRow(id: id, ttl: Swift.max(ttl, minimumTTL))
        let slot = add(row)
        if isPrimary { refresh(slot, now: now, extension: .zero) }
        return row
    }

    /// Takes up a lease from disk, before keys are attached. A later row of the same id replaces nothing: ids are unique there.
    package mutating func recover(_ row: LeaseRow, now: Instant) {
        guard row.id != .zero, slots[row.id] == nil else { return }
        var row = row
        row.ttl = Swift.min(Swift.max(row.ttl, minimumTTL), Self.maximumTTL)
        row.remainingTTL = Swift.min(Swift.max(row.remainingTTL, 0), row.ttl)
        let slot = add(row)
        if isPrimary { refresh(slot, now: now, extension: .zero) }
    }

    /// Ends the lease. The keys that were attached come back sorted: the caller deletes them in one transaction.
    package mutating func revoke(_ id: LeaseID) throws(LeaseError) -> [Bytes] {
        guard let slot = slots.removeValue(forKey: id) else { throw .notFound }
        let attached = keys.sortedKeys(head: leases[Int(slot)].head)
        keys.removeAll(head: &leases[Int(slot)].head)
        due.remove(slot)
        checkpoints.remove(slot)
        leases[Int(slot)] = Lease(id: .zero, ttl: 0, remainingTTL: 0, deadline: .distantFuture)
        freeSlots.append(slot)
        return attached
    }

    /// Notes that `key` now carries lease `id`. Attaching twice is attaching once.
    package mutating func attach(_ key: RawSpan, to id: LeaseID) throws(LeaseError) {
        guard let slot = slots[id] else { throw .notFound }
        if keys.insert(key, slot: slot, head: &leases[Int(slot)].head) { leases[Int(slot)].keyCount += 1 }
    }

    /// Nothing happens when the lease is gone (it was just revoked) or the key wasn't attached.
    package mutating func detach(_ key: RawSpan, from id: LeaseID) {
        guard let slot = slots[id] else { return }
        if keys.remove(key, slot: slot, head: &leases[Int(slot)].head) { leases[Int(slot)].keyCount -= 1 }
    }

    /// For each change of a key: its old and new lease, `.zero` for none. Throws when the new lease is unknown.
    package mutating func move(_ key: RawSpan, from old: LeaseID, to new: LeaseID) throws(LeaseError) {
        guard old != new else { return }
        if old != .zero { detach(key, from: old) }
        if new != .zero { try attach(key, to: new) }
    }

    /// Sets the remaining TTL that survives a change of leader or a restart; 0 clears it. Returns the row to be written, nil
    /// when the lease is gone.
    package mutating func checkpoint(_ id: LeaseID, remainingTTL: Int64, now: Instant) -> LeaseRow? {
        guard let slot = slots[id] else { return nil }
        leases[Int(slot)].remainingTTL = Swift.min(Swift.max(remainingTTL, 0), leases[Int(slot)].ttl)
        if isPrimary { scheduleCheckpoint(slot, now: now) }
        return row(slot)
    }

    // MARK: - The primary's part

    package enum Renewal: Equatable {
        /// The answer's TTL. `clearsCheckpoint`: a checkpoint of remaining TTL 0 is to be proposed for this lease.
        case renewed(ttl: Int64, clearsCheckpoint: Bool)
        /// Unknown: answer TTL 0.
        case unknown
        /// Ran out, its revocation is under way: answer TTL 0 once that is applied. A renewal can't save it.
        case expired
        /// The leader is to be asked.
        case notPrimary
    }

    package mutating func renew(_ id: LeaseID, now: Instant) -> Renewal {
        guard isPrimary else { return .notPrimary }
        guard let slot = slots[id] else { return .unknown }
        guard leases[Int(slot)].deadline > now else { return .expired }
        #if PLANTED_BUGS
            if PlantedBug.isActive(.renewalForgotten) { return .renewed(ttl: leases[Int(slot)].ttl, clearsCheckpoint: false) }
        #endif
        let clears = leases[Int(slot)].remainingTTL > 0
        leases[Int(slot)].remainingTTL = 0
        refresh(slot, now: now, extension: .zero)
        return .renewed(ttl: leases[Int(slot)].ttl, clearsCheckpoint: clears)
    }

    package struct Status: Equatable {
        package var grantedTTL: Int64
        /// Whole seconds left, rounded down; 0 when it ran out.
        package var ttl: Int64
        /// Sorted; empty unless asked for.
        package var keys: [Bytes]
    }

    /// Throws `.notFound` (the answer is then TTL −1 without an error) or `.notPrimary` (the leader is to be asked).
    package func timeToLive(_ id: LeaseID, withKeys: Bool, now: Instant) throws(LeaseError) -> Status {
        guard isPrimary else { throw .notPrimary }
        guard let slot = slots[id] else { throw .notFound }
        let lease = leases[Int(slot)]
        let left = Swift.max(0, (lease.deadline - now).nanoseconds / 1_000_000_000)
        return Status(grantedTTL: lease.ttl, ttl: left, keys: withKeys ? keys.sortedKeys(head: lease.head) : [])
    }

    /// The ids, those that run out first in front.
    package func list() -> [LeaseID] {
        leases.filter { $0.id != .zero }
            .sorted { $0.deadline != $1.deadline ? $0.deadline < $1.deadline : $0.id < $1.id }
            .map(\.id)
    }

    /// The leases whose revocation is to be proposed now, at most `limit`. Call once per round (`expiryRound`). A lease that is
    /// still there after three seconds is named again.
    package mutating func expired(now: Instant, limit: Int = Lessor.expiriesPerRound) -> [LeaseID] {
        var ids: [LeaseID] = []
        while ids.count < limit, let (time, slot) = due.first, time <= now.nanoseconds {
            assert(leases[Int(slot)].deadline <= now)
            ids.append(leases[Int(slot)].id)
            due.set(slot, rank: (now + Self.retryInterval).nanoseconds)
        }
        return ids
    }

    /// When `expired` will next have something to say.
    package var nextDeadline: Instant? { due.first.map { Instant(nanoseconds: $0.rank) } }

    /// The leases whose remaining TTL is to be put on record through the log, with that TTL. Nothing unless an interval was
    /// given at the start.
    package mutating func dueCheckpoints(now: Instant, limit: Int = Lessor.checkpointsPerEntry) -> [(id: LeaseID, remainingTTL: Int64)] {
        var records: [(id: LeaseID, remainingTTL: Int64)] = []
        while records.count < limit, let (time, slot) = checkpoints.first, time <= now.nanoseconds {
            let lease = leases[Int(slot)]
            scheduleCheckpoint(slot, now: now)
            let left = (lease.deadline - now).nanoseconds
            let seconds = (left + 999_999_999) / 1_000_000_000
            if left > 0, seconds < lease.ttl { records.append((lease.id, seconds)) }
        }
        return records
    }

    package var nextCheckpoint: Instant? { checkpoints.first.map { Instant(nanoseconds: $0.rank) } }

    /// This member now leads: every TTL starts again, `extension` (an election timeout) longer because clients may have to find
    /// the new leader first. Of a thousand leases or more, no more than about 750 then run out in any one second.
    package mutating func promote(extension: Interval, now: Instant) {
        isPrimary = true
        for slot in leases.indices where leases[slot].id != .zero { refresh(UInt32(slot), now: now, extension: `extension`) }
        #if PLANTED_BUGS
            if PlantedBug.isActive(.leaseEndsEarly) { for slot in leases.indices where leases[slot].id != .zero { endSoon(UInt32(slot), now: now) } }
        #endif
        guard count >= Self.spreadThreshold else { return }
        spread()
    }

    /// This member no longer leads: no lease runs out here.
    package mutating func demote() {
        isPrimary = false
        due.removeAll()
        checkpoints.removeAll()
        for slot in leases.indices { leases[slot].deadline = .distantFuture }
    }

    /// Puts the deadlines at least 1/750 s apart, in their order; none moves forward.
    private mutating func spread() {
        let spacing = Interval(nanoseconds: 1_000_000_000 / Int64(Self.spreadPerSecond) + 1)
        let order = leases.indices.filter { leases[$0].id != .zero }
            .sorted { (leases[$0].deadline, leases[$0].id) < (leases[$1].deadline, leases[$1].id) }
        var earliest = Instant(nanoseconds: .min)
        for slot in order {
            let deadline = Swift.max(leases[slot].deadline, earliest)
            earliest = deadline + spacing
            leases[slot].deadline = deadline
            due.set(UInt32(slot), rank: deadline.nanoseconds)
        }
    }

    // MARK: - Inside

    private mutating func add(_ row: LeaseRow) -> UInt32 {
        let lease = Lease(id: row.id, ttl: row.ttl, remainingTTL: row.remainingTTL, deadline: .distantFuture)
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
            leases[Int(slot)] = lease
        } else {
            slot = UInt32(leases.count)
            leases.append(lease)
        }
        slots[row.id] = slot
        return slot
    }

    private mutating func refresh(_ slot: UInt32, now: Instant, extension: Interval) {
        let deadline = now + `extension` + .seconds(leases[Int(slot)].term)
        leases[Int(slot)].deadline = deadline
        due.set(slot, rank: deadline.nanoseconds)
        scheduleCheckpoint(slot, now: now)
    }

    #if PLANTED_BUGS
        private mutating func endSoon(_ slot: UInt32, now: Instant) {
            leases[Int(slot)].deadline = now
            due.set(slot, rank: now.nanoseconds)
        }
    #endif

    private mutating func scheduleCheckpoint(_ slot: UInt32, now: Instant) {
        guard let interval = checkpointInterval else { return }
        if leases[Int(slot)].deadline - now > interval {
            checkpoints.set(slot, rank: (now + interval).nanoseconds)
        } else {
            checkpoints.remove(slot)
        }
    }

    private func row(_ slot: UInt32) -> LeaseRow {
        let lease = leases[Int(slot)]
        return LeaseRow(id: lease.id, ttl: lease.ttl, remainingTTL: lease.remainingTTL)
    }
}
