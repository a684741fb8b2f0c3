import Base
import Wire

/// The rules of keys, transactions, leases and alarms in their plainest form, independent of the code under test: what a
/// member that applies these log entries must answer and hold. All versions of all keys are kept, whatever is compacted, so
/// that an answer about any revision can be judged.
///
/// Owned by `Witness`; fed with the committed entries in log order. Rules: etcd's apply (contract rpc.tsv, errors.tsv).
package struct Model: Sendable {
    package struct Version: Sendable, Equatable {
        package var mod: Int64
        package var sub: Int64
        package var create: Int64
        package var version: Int64
        package var lease: Int64
        package var value: [UInt8]
        package var isDelete: Bool
    }

    /// One change, by key number and the place of its version among the key's.
    package struct Change: Sendable {
        package var revision: Int64
        package var key: Int
        package var version: Int
    }

    /// What a request comes to.
    package enum Reply: Sendable, Equatable {
        case range(Etcdserverpb.RangeResponse)
        case put(Etcdserverpb.PutResponse)
        case deleteRange(Etcdserverpb.DeleteRangeResponse)
        case txn(Etcdserverpb.TxnResponse)
        case compaction(Etcdserverpb.CompactionResponse)
        case leaseGrant(Etcdserverpb.LeaseGrantResponse)
        case leaseRevoke(Etcdserverpb.LeaseRevokeResponse)
        /// Nothing has changed; the text that the client is told.
        case failure(GRPCError)
        /// Not modelled: versions, attributes.
        case other
    }

    struct Failure: Error { var error: GRPCError }

    package internal(set) var revision: Int64 = 1
    package internal(set) var compactRevision: Int64 = -1
    package internal(set) var keys: [[UInt8]] = []
    var versions: [[Version]] = []
    private var numbers: [[UInt8]: Int] = [:]
    /// Key numbers in the keys' order.
    var sorted: [Int] = []
    /// All changes, in order.
    package internal(set) var changes: [Change] = []
    /// Granted TTL by id.
    package internal(set) var leases: [Int64: Int64] = [:]
    package internal(set) var noSpaceAlarms: Set<UInt64> = []
    package internal(set) var corruptAlarms: Set<UInt64> = []
    let minimumTTL: Int64

    /// A write under way.
    struct Writing {
        var main: Int64
        var count: Int64 = 0
        var visible: Int64 { count > 0 ? main : main - 1 }
    }

    package init(minimumTTL: Int64 = 1) { self.minimumTTL = minimumTTL }

    // MARK: Applying

    package mutating func apply(_ request: Etcdserverpb.InternalRaftRequest) -> Reply {
        do throws(Failure) { return try carryOut(request) } catch { return .failure(error.error) }
    }

    private mutating func carryOut(_ request: Etcdserverpb.InternalRaftRequest) throws(Failure) -> Reply {
        if !corruptAlarms.isEmpty, request.alarm == nil, request.clusterVersionSet == nil, request.clusterMemberAttrSet == nil,
            request.downgradeInfoSet == nil
        {
            throw Failure(error: .corrupt)
        }
        var writing = Writing(main: revision + 1)
        if let put = request.put {
            try checkSpace()
            try check(put)
            let response = try apply(put, &writing)
            revision = writing.visible
            return .put(response)
        }
        if let delete = request.deleteRange {
            let response = apply(delete, &writing)
            revision = writing.visible
            return .deleteRange(response)
        }
        if let txn = request.txn {
            if Model.hasPut(txn) { try checkSpace() }
            var outcomes = self.outcomes(txn)[...]
            let all = outcomes
            try check(txn, &outcomes)
            outcomes = all
            var response = try apply(txn, &outcomes, &writing)
            revision = writing.visible
            response.header = header(revision)
            return .txn(response)
        }
        if let compaction = request.compaction { return try compact(compaction) }
        return try carryOutLease(request)
    }

    private mutating func carryOutLease(_ request: Etcdserverpb.InternalRaftRequest) throws(Failure) -> Reply {
        if let grant = request.leaseGrant {
            try checkSpace()
            guard leases[grant.id] == nil else { throw Failure(error: .leaseExist) }
            let ttl = max(grant.ttl, minimumTTL)
            leases[grant.id] = ttl
            return .leaseGrant(
                .with {
                    $0.header = header(revision)
                    $0.id = grant.id
                    $0.ttl = ttl
                })
        }
        if let revoke = request.leaseRevoke {
            guard leases.removeValue(forKey: revoke.id) != nil else { throw Failure(error: .leaseNotFound) }
            var writing = Writing(main: revision + 1)
            for key in attachedKeys(revoke.id) { append(key, nil, lease: 0, &writing) }
            revision = writing.visible
            return .leaseRevoke(.with { $0.header = header(revision) })
        }
        if let alarm = request.alarm { apply(alarm) }
        return .other
    }

    private mutating func compact(_ request: Etcdserverpb.CompactionRequest) throws(Failure) -> Reply {
        if request.revision <= compactRevision { throw Failure(error: .compacted) }
        if request.revision > revision { throw Failure(error: .futureRev) }
        compactRevision = request.revision
        return .compaction(.with { $0.header = header(revision) })
    }

    private mutating func apply(_ alarm: Etcdserverpb.AlarmRequest) {
        switch (alarm.action, alarm.alarm) {
        case (.activate, .nospace): noSpaceAlarms.insert(alarm.memberID)
        case (.activate, .corrupt): corruptAlarms.insert(alarm.memberID)
        case (.deactivate, .nospace): noSpaceAlarms.remove(alarm.memberID)
        case (.deactivate, .corrupt): corruptAlarms.remove(alarm.memberID)
        default: break
        }
    }

    private func checkSpace() throws(Failure) {
        if !noSpaceAlarms.isEmpty { throw Failure(error: .noSpace) }
    }

    // MARK: Keys

    func header(_ revision: Int64) -> Etcdserverpb.ResponseHeader { .with { $0.revision = revision } }

    package func number(of key: [UInt8]) -> Int? { numbers[key] }

    mutating func number(creating key: [UInt8]) -> Int {
        if let number = numbers[key] { return number }
        let number = keys.count
        keys.append(key)
        versions.append([])
        numbers[key] = number
        let place = sorted.firstIndex { key.lexicographicallyPrecedes(keys[$0]) } ?? sorted.count
        sorted.insert(number, at: place)
        return number
    }

    /// nil as value: deletes.
    mutating func append(_ key: Int, _ value: [UInt8]?, lease: Int64, _ writing: inout Writing) {
        let previous = versions[key].last.flatMap { $0.isDelete ? nil : $0 }
        let version = Version(
            mod: writing.main, sub: writing.count, create: value == nil ? 0 : previous?.create ?? writing.main,
            version: value == nil ? 0 : (previous?.version ?? 0) + 1, lease: lease, value: value ?? [], isDelete: value == nil)
        versions[key].append(version)
        changes.append(Change(revision: writing.main, key: key, version: versions[key].count - 1))
        writing.count += 1
    }

    package static func contains(_ key: [UInt8], _ start: [UInt8], _ end: [UInt8]) -> Bool {
        if end.isEmpty { return key == start }
        if key.lexicographicallyPrecedes(start) { return false }
        return end == [0] || key.lexicographicallyPrecedes(end)
    }

    /// The numbers of the keys that `start` and `end` name, in order.
    func numbers(_ start: [UInt8], _ end: [UInt8]) -> [Int] {
        if end.isEmpty { return numbers[start].map { [$0] } ?? [] }
        return sorted.filter { Model.contains(keys[$0], start, end) }
    }

    /// The key as it is after revision `main`; nil if it isn't there.
    package func live(_ key: Int, at main: Int64) -> Version? {
        let all = versions[key]
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].mod <= main { low = middle + 1 } else { high = middle }
        }
        return low == 0 || all[low - 1].isDelete ? nil : all[low - 1]
    }

    package func row(_ key: Int, _ version: Version) -> Mvccpb.KeyValue {
        var row = Mvccpb.KeyValue()
        row.key = keys[key]
        row.createRevision = version.create
        row.modRevision = version.mod
        row.version = version.version
        row.value = version.value
        row.lease = version.lease
        return row
    }

    package func keys(attachedTo lease: Int64, at main: Int64) -> [[UInt8]] {
        sorted.filter { live($0, at: main)?.lease == lease }.map { keys[$0] }
    }

    /// Key numbers, in the keys' order.
    package func attachedKeys(_ lease: Int64) -> [Int] {
        sorted.filter { live($0, at: revision)?.lease == lease }
    }

    /// The place in `changes` of the first one after `revision`.
    package func firstChange(after revision: Int64) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
