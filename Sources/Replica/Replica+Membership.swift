import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Configuration entries and what members say of themselves.
extension Replica {
    mutating func applyConfigurationChange(_ entry: Entry, into effects: inout Effects) {
        let change: ConfigurationChange
        do throws(RaftError) { change = try ConfigurationChange(decoding: entry.data, kind: entry.kind) } catch {
            effects.fatal = "log entry \(entry.index) holds a configuration change that cannot be read: \(error)"
            return
        }
        do throws(RaftError) { _ = try raft.applyConfigurationChange(change) } catch {
            effects.fatal = "log entry \(entry.index) holds a configuration change that cannot be applied: \(error)"
            return
        }
        guard entry.index > consistentIndex else { return }
        store.backend.put(.meta, key: Bytes("confState").span, value: Bytes(raft.confState.json).span)
        for single in change.changes { applyMembership(single, context: change.context, entry, into: &effects) }
    }

    private mutating func applyMembership(
        _ single: ConfigurationChange.Single, context: Bytes, _ entry: Entry, into effects: inout Effects
    ) {
        switch single.kind {
        case .addVoter, .addLearner:
            guard let description = describe(context), description.id == single.member.rawValue else {
                effects.fatal = "log entry \(entry.index) adds member \(single.member.hex) without a readable description"
                return
            }
            if description.isPromotion {
                membership.promote(single.member)
            } else {
                membership.add(ClusterMember(description))
            }
            storeMember(single.member)
        case .removeMember:
            membership.remove(single.member)
            store.backend.delete(.members, key: Bytes(single.member.hex).span)
            store.backend.put(.membersRemoved, key: Bytes(single.member.hex).span, value: Bytes("removed").span)
        case .updateMember:
            guard let description = describe(context) else { return }
            membership.update(single.member, peerURLs: description.peerURLs, isLearner: description.isLearner)
            storeMember(single.member)
        }
    }

    private func describe(_ context: Bytes) -> MemberDescription? {
        do throws(JSONError) { return try MemberDescription(json: context.span) } catch { return nil }
    }

    private mutating func storeMember(_ id: MemberID) {
        guard let member = membership[id] else { return }
        store.backend.put(.members, key: Bytes(id.hex).span, value: Bytes(member.json).span)
    }

    mutating func applyClusterVersion(_ body: RawSpan) throws(CallError) {
        let request = try decoded(Membershippb.ClusterVersionSetRequest.self, body)
        guard let version = Version(request.ver) else { return }
        membership.version = version
        store.backend.put(.cluster, key: Bytes("clusterVersion").span, value: Bytes(version.description).span)
        store.backend.put(.meta, key: Bytes("storageVersion").span, value: Bytes(version.description).span)
    }

    mutating func applyMemberAttributes(_ body: RawSpan) throws(CallError) {
        let request = try decoded(Membershippb.ClusterMemberAttrSetRequest.self, body)
        guard let attributes = request.memberAttributes else { return }
        let id = MemberID(request.memberID)
        membership.setAttributes(id, name: attributes.name, clientURLs: attributes.clientURLs)
        storeMember(id)
    }

    /// Up to 3.5, attributes, the cluster's version and all v2 requests stand bare in the log (formats.md §2.7).
    mutating func applyBareRequest(_ entry: Entry) {
        let request: Etcdserverpb.Request
        do throws(WireError) { request = try .init(decoding: entry.data.span) } catch { return }
        guard request.method == "PUT" else { return }
        if request.path == "/0/version", let version = Version(request.val) {
            membership.version = version
            store.backend.put(.cluster, key: Bytes("clusterVersion").span, value: Bytes(version.description).span)
        } else if let id = ClusterMember.id(attributesPath: request.path), let attributes = describe(Bytes(request.val)) {
            membership.setAttributes(id, name: attributes.name, clientURLs: attributes.clientURLs)
            storeMember(id)
        }
    }

    /// A new leader gives the cluster its version.
    mutating func proposeClusterVersion() {
        guard !versionProposed, (membership.version ?? Version(0, 0)) < configuration.version.minorRelease,
            membership[configuration.memberID] != nil
        else { return }
        versionProposed = true
        var request = Membershippb.ClusterVersionSetRequest()
        request.ver = configuration.version.minorRelease.description
        proposeInternally(request, field: RequestField.clusterVersionSet, .memberList)
    }

    mutating func memberList(_ request: Request, _ batch: RequestBatch, _ responses: ResponseBuilder) throws(CallError) {
        let message = try decoded(Etcdserverpb.MemberListRequest.self, batch.block.span.subscripted(request.range))
        if message.linearizable { gather(request, batch) } else { respondMembers(request.ticket, responses) }
    }

    func respondMembers(_ ticket: UInt64, _ responses: ResponseBuilder) {
        var response = Etcdserverpb.MemberListResponse()
        // etcd leaves the revision out of membership answers.
        response.header = header()
        response.header?.revision = 0
        response.members = membership.sorted.map(\.message)
        let start = responses.bytes.count
        response.encode(into: &responses.bytes)
        responses.finishMessage(ticket, from: start)
    }
}

extension ClusterMember {
    var message: Etcdserverpb.Member {
        var message = Etcdserverpb.Member()
        message.id = id.rawValue
        message.name = name
        message.peerURLs = peerURLs
        message.clientURLs = clientURLs
        message.isLearner = isLearner
        return message
    }
}
