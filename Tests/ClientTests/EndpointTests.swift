import Client
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:2379", "127.0.0.1:2379", false), ("http://h:1/path", "h:1/path", false), ("https://h:1", "h:1", true),
        ("unix:///tmp/s", "/tmp/s", false), ("unix:s", "s", false), ("unixs:///s", "/s", true), ("[::1]:5", "[::1]:5", false),
    ])
    func `an endpoint is read in all its forms`(text: String, target: String, isTLS: Bool) {
        let endpoint = Endpoint(text)
        #expect(endpoint.target == target)
        #expect(endpoint.isTLS == isTLS)
        #expect(endpoint.text == text)
        if case .malformed(let reason) = endpoint.place { Issue.record("\(reason)") }
    }

    @Test(arguments: ["127.0.0.1", "a:b:1", "h:x", "h:70000"])
    func `an endpoint that makes no sense says why`(text: String) {
        guard case .malformed(let reason) = Endpoint(text).place else {
            Issue.record("taken")
            return
        }
        #expect(reason.hasPrefix("dial tcp: address"))
    }

    @Test func `the end of a prefix is the first key above it`() {
        #expect(KeyRange.end(ofPrefix: [1, 2]) == [1, 3])
        #expect(KeyRange.end(ofPrefix: [1, 0xFF]) == [2])
        #expect(KeyRange.end(ofPrefix: [0xFF, 0xFF]) == [0])
        #expect(KeyRange.prefix([]) == .all)
    }
}
