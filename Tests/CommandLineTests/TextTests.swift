import Base
import Testing

@Suite struct TextTests {
    @Test func `durations read and print as Go's`() {
        for (text, nanoseconds, printed) in [
            ("0", 0, "0s"), ("1h2m3.5s", 3_723_500_000_000, "1h2m3.5s"), ("100ms", 100_000_000, "100ms"), ("1.5us", 1500, "1.5µs"),
            ("1.5µs", 1500, "1.5µs"), ("-2h", -7_200_000_000_000, "-2h0m0s"), ("+5s", 5_000_000_000, "5s"), ("90s", 90_000_000_000, "1m30s"),
            (".5s", 500_000_000, "500ms"), ("1.s", 1_000_000_000, "1s"), ("7ns", 7, "7ns"), ("1.000000001s", 1_000_000_001, "1.000000001s"),
            ("1.0000000019s", 1_000_000_001, "1.000000001s"), ("0.1h", 360_000_000_000, "6m0s"), ("1h1h", 7_200_000_000_000, "2h0m0s"),
            ("1m0.25s", 60_250_000_000, "1m0.25s"), ("10µs10ns", 10_010, "10.01µs"),
        ] as [(String, Int64, String)] {
            #expect(Interval(text: text)?.nanoseconds == nanoseconds, "\(text)")
            #expect(Interval(nanoseconds: nanoseconds).text == printed, "\(text)")
        }
        for text in ["", "5", "s", ".s", "1.5", "1x", "1 s", "--1s", "1s2", "9223372036854775808ns", "300000h1000000h3000000h", "1e3s", "٣s"] {
            #expect(Interval(text: text) == nil, "\(text)")
        }
        #expect(Interval(text: "-9223372036854775808ns")?.nanoseconds == .min)
        #expect(Interval(nanoseconds: .min).text == "-2562047h47m16.854775808s")
    }

    @Test func `addresses are a scheme and host and port, or a socket`() throws {
        let url = try TransportURL(" http://127.0.0.1:2379 ")
        #expect(url.scheme == .http && url.host == "127.0.0.1" && url.port == 2379 && url.text == "http://127.0.0.1:2379" && !url.isTLS)
        let six = try TransportURL("HTTPS://[::1]:80")
        #expect(six.host == "::1" && six.isTLS && six.text == "https://[::1]:80" && six.address == "[::1]:80")
        let socket = try TransportURL("unix:///run/etcd.sock")
        #expect(socket.isUnix && socket.socketPath == "/run/etcd.sock" && socket.text == "unix:///run/etcd.sock")
        #expect(try TransportURL("http://:2379").host == "")
        for (text, part) in [
            ("ftp://a:1", "scheme"), ("127.0.0.1:2379", "scheme"), ("", "scheme"), ("http:a:1", "no host"), ("http://a", "host:port"),
            ("http://a:1/", "path"), ("http://a:1/x", "path"), ("http://a:1?x", "path"), ("http://a:x", "host:port"), ("http://a:65536", "host:port"),
            ("http://::1:80", "host:port"), ("http://[::1]", "host:port"), ("http://u@a:1", "host:port"), ("unix://", "socket path"),
            ("http://a:", "host:port"),
        ] {
            #expect(throws: TransportURLError.self, "\(text)") { try TransportURL(text) }
            do throws(TransportURLError) { _ = try TransportURL(text) } catch { #expect(error.reason.contains(part), "\(text): \(error)") }
        }
        #expect(try TransportURL.list("http://b:2,http://a:1,,http://b:2").map(\.text) == ["http://a:1", "http://b:2"])
    }
}
