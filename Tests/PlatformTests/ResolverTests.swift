import Base
import Platform
import Testing

@Suite struct ResolverTests {
    @Test func `numeric hosts need no lookup`() throws {
        #expect(try Resolver.resolveNow("127.0.0.1", port: 7) == [.loopback(port: 7)])
        #expect(try Resolver.resolveNow("[::1]", port: 7).map(\.description) == ["[::1]:7"])
    }

    @Test func `localhost is found without a name server`() throws {
        let addresses = try Resolver.resolveNow("localhost", port: 2379)
        #expect(addresses.contains(.loopback(port: 2379)) || addresses.contains { $0.description == "[::1]:2379" })
    }

    @Test func `a name that cannot exist is an error that names it`() {
        #expect(throws: ResolveError.self) { try Resolver.resolveNow("no such name.invalid", port: 1, timeout: .seconds(3)) }
    }
}
