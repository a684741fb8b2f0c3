import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Configuration entries and what members say of themselves, as they come out of the log.
///
/// A change is validated when it is applied, by every member alike; one that fails has no effect, in Raft neither (formats.md
/// §2.7). That must be so when it is replayed, too: entries that the database holds already are validated against the
/// membership as it was then, which the `.snap` file tells.
extension Replica {
    mutating func applyConfigurationChange(_ entry: Entry, into effects: inout Effects) {
        let change: ConfigurationChange
        do throws(RaftError) { change = try ConfigurationChange(decoding: entry.data, kind: entry.kind) } catch {
            effects.fatal = "log entry \(entry.index) holds a configuration change that cannot be read: \(error)"
            return
        }
        let isReplayed = entry.index <= consistentIndex
        // A change of several steps has no description of each: Raft's own, and never etcd's.
        let logged = change.changes.count == 1 ? LoggedChange(change.changes[0], context: change.context) : nil
        var refusal: MembershipError?
        if let logged {
            refusal = refusalAtApply(of: logged, isReplayed: isReplayed)
        } else if entry.kind == .configurationChange {
            refusal = .malformed
        }
        let before = raft.confState
        if refusal == nil {
            do throws(RaftError) { _ = try raft.applyConfigurationChange(change) } catch {
                // The same on every member: it would remove the last voter, or comes in the middle of another.
                refusal = .notEnoughStartedMembers
            }
        }
        if refusal != nil { applyNothing(change, entry, into: &effects) }
        if isReplayed {
            if refusal == nil, let logged { affairs.replayed?.apply(logged) }
            return
        }
        if raft.confState != before {
            store.backend.put(.meta, key: Bytes("confState").span, value: Bytes(raft.confState.json).span)
        }
        if refusal == nil, let logged { takeEffect(logged) }
        guard let waiter = pending.take(change.id) else { return }
        if let refusal {
            noteRefusedPromotion(refusal, waiter)
            refuseChange(waiter, refusal, into: &effects)
        } else {
            notePromotion(waiter)
            answerChange(waiter, added: logged.flatMap { membership[$0.member] }, into: &effects)
        }
    }

    private func refusalAtApply(of change: LoggedChange, isReplayed: Bool) -> MembershipError? {
        // Up to 3.5 the number is fixed, and members must agree.
        let isOld = membership.version.map { $0.minorRelease < Version(3, 6) } ?? false
        let learnersMax = isOld ? 1 : configuration.maxLearners
        guard isReplayed else { return membership.refusal(of: change, maxLearners: learnersMax) }
        // The number may have been another then: whether the learner was taken, the database knows.
        let refusal = affairs.replayed?.refusal(of: change, maxLearners: .max)
        guard refusal == nil, case .addLearner(let id, let description) = change, !description.isPromotion else { return refusal }
        return membership[id] != nil || membership.removed.contains(id) ? nil : .tooManyLearners
    }

    /// Raft must see that the change is over, or the leader takes no other.
    private mutating func applyNothing(_ change: ConfigurationChange, _ entry: Entry, into effects: inout Effects) {
        let nothing = ConfigurationChange(id: change.id, [.init(.updateMember, .zero)])
        do throws(RaftError) { _ = try raft.applyConfigurationChange(nothing) } catch {
            effects.fatal = "log entry \(entry.index) holds a configuration change that cannot be applied: \(error)"
        }
    }

    private mutating func takeEffect(_ change: LoggedChange) {
        membership.apply(change)
        let id = change.member
        if case .remove = change {
            affairs.link(id, isUp: false, now: now)
            store.backend.delete(.members, key: Bytes(id.hex).span)
            store.backend.put(.membersRemoved, key: Bytes(id.hex).span, value: Bytes("removed").span)
        } else {
            storeMember(id)
        }
    }

    private mutating func storeMember(_ id: MemberID) {
        guard let member = membership[id] else { return }
        store.backend.put(.members, key: Bytes(id.hex).span, value: Bytes(member.json).span)
    }

    // MARK: Attributes

    mutating func applyMemberAttributes(_ body: RawSpan) throws(CallError) {
        let request = try decoded(Membershippb.ClusterMemberAttrSetRequest.self, body)
        guard let attributes = request.memberAttributes else { return }
        setAttributes(of: MemberID(request.memberID), name: attributes.name, clientURLs: attributes.clientURLs)
    }

    /// Of a member that is gone meanwhile they mean nothing.
    private mutating func setAttributes(of id: MemberID, name: String, clientURLs: [String]) {
        guard membership[id] != nil else { return }
        membership.setAttributes(id, name: name, clientURLs: clientURLs)
        storeMember(id)
        guard id == configuration.memberID, name == configuration.name, clientURLs == configuration.clientURLs else { return }
        leadership.isAnnounced = true
    }

    /// Up to 3.5, attributes, the cluster's version and all v2 requests stand bare in the log (formats.md §2.7).
    mutating func applyBareRequest(_ entry: Entry) {
        let request: Etcdserverpb.Request
        do throws(WireError) { request = try .init(decoding: entry.data.span) } catch { return }
        _ = pending.take(request.id)
        guard request.method == "PUT" else { return }
        if request.path == "/0/version", let version = Version(request.val) {
            setClusterVersion(version)
        } else if let id = ClusterMember.id(attributesPath: request.path),
            let attributes = try? MemberDescription(json: Bytes(request.val).span)
        {
            setAttributes(of: id, name: attributes.name, clientURLs: attributes.clientURLs)
        }
    }

    /// Part of every turn: each start, a member tells the cluster its name and client URLs, until the log says so. A proposal may
    /// be lost with its leader.
    mutating func announce() {
        guard !leadership.isAnnounced, raft.leader != .zero, leadership.nextAnnouncement <= now,
            membership[configuration.memberID] != nil, applied >= consistentIndex
        else { return }
        leadership.nextAnnouncement = now + configuration.electionTimeout.scaled(by: 2)
        guard ClusterVersions.usesInternalRequests(membership.version) else {
            var me = ClusterMember(id: configuration.memberID, name: configuration.name, peerURLs: [])
            me.clientURLs = configuration.clientURLs
            return proposeBare(path: "/0/members/\(me.id.hex)/attributes", value: me.attributesJSON)
        }
        var attributes = Membershippb.Attributes()
        attributes.name = configuration.name
        attributes.clientURLs = configuration.clientURLs
        var request = Membershippb.ClusterMemberAttrSetRequest()
        request.memberID = configuration.memberID.rawValue
        request.memberAttributes = attributes
        proposeInternally(request, field: RequestField.clusterMemberAttrSet, .memberList)
    }

    /// A PUT of the v2 store, for members up to 3.4.
    mutating func proposeBare(path: String, value: String) {
        var request = Etcdserverpb.Request()
        request.id = pending.nextID
        request.method = "PUT"
        request.path = path
        request.val = value
        var encoded = ByteBuffer(capacity: request.encodedSize)
        request.encode(into: &encoded)
        pending.append(
            PendingProposals.Waiter(
                ticket: 0, loop: 0, method: .memberList, isWaiting: true, deadline: now + configuration.requestTimeout))
        let data = Bytes(encoded.freeze())
        stalled.append((data, now + configuration.requestTimeout))
        stalledBytes += data.count
    }
}

extension LoggedChange {
    /// Nil if it can't be read: no member's.
    init?(_ single: ConfigurationChange.Single, context: Bytes) {
        if single.kind == .removeMember {
            self = .remove(single.member)
            return
        }
        guard let description = try? MemberDescription(json: context.span) else { return nil }
        switch single.kind {
        case .addVoter: self = .addVoter(single.member, description)
        case .addLearner: self = .addLearner(single.member, description)
        case .updateMember: self = .update(single.member, description)
        case .removeMember: return nil
        }
    }
}
