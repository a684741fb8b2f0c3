import Base
import Client
import HTTP
import Platform
import Testing
import Wire

@Suite struct CallTests {
    private static func range(_ value: String) -> [UInt8] {
        Etcdserverpb.RangeResponse.with {
            $0.kvs = [
                .with {
                    $0.key = [1]; $0.value = Array(value.utf8)
                }
            ]
            $0.count = 1
        }.bytes
    }

    @Test func `a value that was asked for comes back`() throws {
        let fixture = try ClientFixture()
        fixture.members[0].answer = { _, request in
            let asked = try? Etcdserverpb.RangeRequest(decoding: request)
            return .message(Self.range(String(decoding: asked?.key ?? [], as: UTF8.self)))
        }
        #expect(try fixture.client.get(Array("name".utf8))?.value == Array("name".utf8))
    }

    @Test func `a large answer comes in many pieces and is whole`() throws {
        let fixture = try ClientFixture()
        let large = String(repeating: "0123456789", count: 500_000)
        fixture.members[0].answer = { _, _ in .message(Self.range(large)) }
        #expect(try fixture.client.get([1])?.value.count == large.utf8.count)
    }

    @Test func `a large request arrives whole`() throws {
        let fixture = try ClientFixture()
        var size = 0
        fixture.members[0].answer = { _, request in
            size = (try? Etcdserverpb.PutRequest(decoding: request))?.value.count ?? -1
            return .message([])
        }
        try fixture.client.put([1], [UInt8](repeating: 7, count: 1_900_000))
        #expect(size == 1_900_000)
    }

    @Test func `requests go to the members in turn`() throws {
        let fixture = try ClientFixture(members: 3)
        for member in fixture.members { member.answer = { _, _ in .message(Self.range("x")) } }
        // The first calls may come before all connections are there.
        for _ in 0..<30 { _ = try fixture.client.get([1]) }
        let counts = fixture.members.map(\.calls.count)
        #expect(counts.reduce(0, +) == 30)
        #expect(counts.allSatisfy { $0 >= 5 })
    }

    @Test func `an endpoint that nobody listens on is passed over`() throws {
        let fixture = try ClientFixture(unreachable: true)
        fixture.members[0].answer = { _, _ in .message(Self.range("x")) }
        for _ in 0..<5 { #expect(try fixture.client.get([1]) != nil) }
    }

    /// A container that is not running has Docker's proxy on its port, which takes the connection and drops it: a put that had been
    /// handed to such a connection was an error ("may have run"), though another member was there to take it.
    @Test func `an endpoint that takes connections and speaks no word gets no call`() throws {
        let fixture = try ClientFixture(members: 2)
        fixture.members[0].stop()
        let proxy = try DroppingListener(fixture.client.loop, path: fixture.members[0].path)
        for _ in 0..<20 { try fixture.client.put([1], [2]) }
        #expect(fixture.members[1].calls.count == 20)
        // And it is found when it is there again.
        proxy.stop()
        try fixture.members[0].start()
        #expect(
            fixture.run {
                _ = try? fixture.client.put([1], [2])
                return !fixture.members[0].calls.isEmpty
            })
    }

    /// `make promote` gave all four endpoints, and now and then the learner was the first to answer: "rpc not supported for learner".
    @Test(arguments: [9, 14])
    func `what a learner refuses goes to the next member`(code: Int) throws {
        let fixture = try ClientFixture(members: 2)
        fixture.members[0].answer = { _, _ in .failure(code, "etcdserver: rpc not supported for learner") }
        for _ in 0..<30 { try fixture.client.put([1], [2]) }
        #expect(fixture.members[1].calls.count == 30)
    }

    @Test func `a learner alone is asked once, and its refusal told`() throws {
        let fixture = try ClientFixture()
        fixture.members[0].answer = { _, _ in .failure(9, "etcdserver: rpc not supported for learner") }
        let error = try #require(throws: ClientError.self) { try fixture.client.put([1], [2]) }
        #expect(error.description == "etcdserver: rpc not supported for learner")
        #expect(fixture.members[0].calls.count == 1)
    }

    @Test func `with a learner and nobody else there its refusal is told soon`() throws {
        let fixture = try ClientFixture(unreachable: true)
        fixture.members[0].answer = { _, _ in .failure(9, "etcdserver: rpc not supported for learner") }
        let error = try #require(throws: ClientError.self) { try fixture.client.put([1], [2]) }
        #expect(error.description == "etcdserver: rpc not supported for learner")
    }

    @Test func `without endpoints there is no client`() throws {
        let error = try #require(throws: ClientError.self) { _ = try EtcdClient(ClientConfiguration(endpoints: [])) }
        #expect(error.description == "etcdclient: no available endpoints")
        #expect(!error.mayHaveRun)
    }

    @Test(arguments: [0, -1, 1e-9, -Double.infinity])
    func `a call without any time ends at once, connected or not`(seconds: Double) throws {
        let fixture = try ClientFixture()
        try fixture.client.put([1], [2])
        fixture.client.timeout = seconds
        let error = try #require(throws: ClientError.self) { try fixture.client.put([1], [2]) }
        #expect(error.isTimeout)
        #expect(!error.mayHaveRun)
        #expect(fixture.members[0].calls.count == 1)
    }

    @Test(arguments: [1e300, Double.infinity, Double.nan, 9_223_372_036.854775807])
    func `times beyond all measure are as long as can be`(seconds: Double) throws {
        let fixture = try ClientFixture()
        fixture.client.timeout = seconds
        try fixture.client.put([1], [2])
        var configuration = ClientConfiguration(endpoints: fixture.client.configuration.endpoints)
        configuration.dialTimeout = seconds
        configuration.keepaliveTime = seconds
        configuration.keepaliveTimeout = seconds
        let patient = try EtcdClient(configuration)
        patient.close()
    }

    @Test func `with no endpoint to be reached a call ends at its time with the reason`() throws {
        let client = try EtcdClient(ClientConfiguration(endpoints: [Endpoint("unix:///tmp/etcd-client-test-nobody")]))
        defer { client.close() }
        client.timeout = 0.2
        let error = try #require(throws: ClientError.self) { _ = try client.get([1]) }
        #expect(error.code == GRPCCode.deadlineExceeded)
        #expect(error.description == "context deadline exceeded")
        #expect(!error.mayHaveRun)
    }

    @Test func `a server that does not answer costs no more than the time given`() throws {
        let fixture = try ClientFixture()
        // Once connected, a request leaves in the moment in which it is made, however slow the machine is.
        try fixture.client.put([1], [2])
        fixture.members[0].answer = { _, _ in .silence }
        fixture.client.timeout = 0.2
        let error = try #require(throws: ClientError.self) { try fixture.client.put([1], [2]) }
        #expect(error.description == "context deadline exceeded")
        #expect(error.mayHaveRun)
    }

    @Test func `errors of the server keep their code and text`() throws {
        let fixture = try ClientFixture()
        fixture.members[0].answer = { _, _ in .failure(3, "etcdserver: key is not provided") }
        let known = try #require(throws: ClientError.self) { try fixture.client.put([], []) }
        #expect(known.code == 3)
        #expect(known.description == "etcdserver: key is not provided")
        fixture.members[0].answer = { _, _ in .failure(2, "50% of é") }
        let other = try #require(throws: ClientError.self) { try fixture.client.put([], []) }
        #expect(other.description == "rpc error: code = Unknown desc = 50% of é")
    }

    @Test func `a method that the server does not have is unimplemented`() throws {
        let fixture = try ClientFixture()
        let error = try #require(throws: ClientError.self) { _ = try fixture.client.alarms() }
        #expect(error.code == GRPCCode.unimplemented)
    }

    @Test func `reads are tried again while the server is unavailable`() throws {
        let fixture = try ClientFixture()
        var failures = 3
        fixture.members[0].answer = { _, _ in
            failures -= 1
            return failures >= 0 ? .failure(14, "etcdserver: no leader") : .message(Self.range("x"))
        }
        #expect(try fixture.client.get([1]) != nil)
        #expect(fixture.members[0].calls.count == 4)
    }

    @Test func `a write that the server may have done is never sent twice`() throws {
        let fixture = try ClientFixture()
        fixture.members[0].answer = { _, _ in .failure(14, "etcdserver: request timed out") }
        #expect(throws: ClientError.self) { try fixture.client.put([1], [2]) }
        #expect(fixture.members[0].calls.count == 1)
    }

    @Test func `a write on a connection that breaks is not sent again`() throws {
        let fixture = try ClientFixture()
        fixture.members[0].answer = { _, _ in .disconnect }
        let error = try #require(throws: ClientError.self) { try fixture.client.put([1], [2]) }
        #expect(error.code == GRPCCode.unavailable)
        #expect(error.mayHaveRun)
        #expect(fixture.members[0].calls.count == 1)
    }

    @Test func `a read on a connection that breaks is sent again`() throws {
        let fixture = try ClientFixture()
        var breaks = 1
        fixture.members[0].answer = { _, _ in
            breaks -= 1
            return breaks >= 0 ? .disconnect : .message(Self.range("x"))
        }
        #expect(try fixture.client.get([1]) != nil)
        #expect(fixture.members[0].calls.count == 2)
    }

    @Test func `a server that drains its connections gets its calls over a new one`() throws {
        let fixture = try ClientFixture()
        fixture.members[0].answer = { _, _ in .message(Self.range("x")) }
        _ = try fixture.client.get([1])
        let old = fixture.members[0].server!
        old.beginDrain(deadline: Clock.now + .seconds(600))
        // An idle connection is given up at once, so that the server needs not wait for it.
        #expect(fixture.run { fixture.members[0].isDrained })
        try fixture.members[0].restartBeside()
        // The old listener takes its name along when it goes.
        try withExtendedLifetime(old) { for _ in 0..<5 { try fixture.client.put([1], [2]) } }
        #expect(fixture.members[0].calls.count == 6)
    }

    @Test func `the token goes along with every call after signing in`() throws {
        let fixture = try ClientFixture()
        fixture.members[0].answer = { path, _ in
            .message(path.hasSuffix("Authenticate") ? Etcdserverpb.AuthenticateResponse.with { $0.token = "secret" }.bytes : [])
        }
        try fixture.client.authenticate(user: "u", password: "p")
        try fixture.client.put([1], [2])
        #expect(fixture.members[0].tokens == [nil, "secret"])
    }
}

extension ScriptedMember {
    /// A new server under the same name; the old one goes on with what it has.
    func restartBeside() throws {
        unlinkPath()
        try start()
    }
}
