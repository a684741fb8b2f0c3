import Base
import Raft
import Storage
import Testing

@testable import Member

@Suite struct ForcedClusterTests {
    private func change(_ index: UInt64, _ kind: ConfigurationChange.Kind, _ id: UInt64) -> WALEntry {
        let data = ConfigurationChange([.init(kind, MemberID(id))], context: Bytes("{\"id\":\(id)}")).encodedV1()
        return WALEntry(term: Term(2), index: LogIndex(index), kind: .configurationChange, data: data)
    }

    private func changes(_ entries: [WALEntry]) throws -> [ConfigurationChange.Single] {
        try entries.flatMap { try ConfigurationChange(decoding: $0.data, kind: .configurationChange).changes }
    }

    private func normal(_ index: UInt64) -> WALEntry { WALEntry(term: Term(2), index: LogIndex(index), kind: .normal, data: Bytes("x")) }

    @Test func `the others are removed behind what is committed`() throws {
        let entries = [change(1, .addVoter, 1), change(2, .addVoter, 2), change(3, .addVoter, 3), normal(4), normal(5)]
        let forced = try ForcedCluster(
            MemberID(2), peerURLs: [], configuration: nil, base: .zero, entries: entries,
            state: WALHardState(term: Term(3), vote: MemberID(1), commit: LogIndex(4)))
        #expect(forced.kept == Array(entries.prefix(4)))
        #expect(forced.added.map(\.index.rawValue) == [5, 6] && forced.added.allSatisfy { $0.term == Term(3) })
        #expect(try changes(forced.added) == [.init(.removeMember, MemberID(1)), .init(.removeMember, MemberID(3))])
        #expect(forced.state.commit == LogIndex(6) && forced.state.vote == MemberID(1))
    }

    @Test func `a member that is no voter becomes one first`() throws {
        let configuration = ConfigurationState(voters: [1, 3], learners: [2])
        let learner = try ForcedCluster(
            MemberID(2), peerURLs: ["http://a:1"], configuration: configuration, base: LogIndex(10),
            entries: [normal(11), change(12, .removeMember, 3)],
            state: WALHardState(term: Term(2), vote: .zero, commit: LogIndex(12)))
        #expect(try changes(learner.added) == [.init(.addVoter, MemberID(2)), .init(.removeMember, MemberID(1))])
        #expect(String(decoding: learner.added[0].data.array, as: UTF8.self).contains("\"isPromote\":true"))
        let stranger = try ForcedCluster(
            MemberID(9), peerURLs: ["http://a:1"], configuration: configuration, base: LogIndex(10), entries: [],
            state: WALHardState(term: Term(2), vote: .zero, commit: LogIndex(10)))
        #expect(try changes(stranger.added).map(\.member.rawValue) == [9, 1, 2, 3] && stranger.added[0].index == LogIndex(11))
    }

    @Test func `a member alone has nothing to add`() throws {
        let forced = try ForcedCluster(
            MemberID(1), peerURLs: [], configuration: nil, base: .zero, entries: [change(1, .addVoter, 1), normal(2)],
            state: WALHardState(term: Term(2), vote: MemberID(1), commit: LogIndex(1)))
        #expect(forced.added.isEmpty && forced.kept.count == 1 && forced.state.commit == LogIndex(1))
    }
}
