import Base
import Platform
import Testing

@Suite struct LoggerTests {
    private func text(_ format: LogFormat, _ line: LogLine, microseconds: Int64) -> String {
        var out = ByteBuffer()
        format.append(line, microseconds: microseconds, to: &out)
        return Bytes(out.freeze()).string
    }

    private let line = LogLine(
        level: .info, message: "ready to serve\nclient requests",
        fields: [
            "name": "m\"1\\\u{1}é", "count": 3, "share": 0.5, "ok": true, "urls": ["a", "b"], "took": .interval(.milliseconds(1500)),
            "id": .hex(0xABC), "big": .uint(.max), "none": .double(.nan),
        ],
        file: "Member/Start.swift", line: 12)

    @Test func `a line has the form of zap's`() {
        // 2026-11-21T09:12:00.123456Z
        #expect(
            text(.json, line, microseconds: 1_795_252_320_123_456)
                == #"{"level":"info","ts":"2026-11-21T09:12:00.123456Z","caller":"Member/Start.swift:12","msg":"ready to serve\nclient requests","name":"m\"1\\\u0001é","count":3,"share":0.5,"ok":true,"urls":["a","b"],"took":"1.5s","id":"abc","big":18446744073709551615,"none":"nan"}"#
                + "\n")
        var plain = line
        plain.fields = ["key": "value", "n": 1]
        #expect(
            text(.console, plain, microseconds: 0)
                == "1970-01-01T00:00:00.000000Z\tinfo\tMember/Start.swift:12\tready to serve client requests\t{\"key\": \"value\", \"n\": 1}\n")
        plain.fields = [:]
        #expect(text(.console, plain, microseconds: 951_868_799_999_999).hasPrefix("2000-02-29T23:59:59.999999Z\t"))
        #expect(text(.json, plain, microseconds: 4_107_542_400_000_000).contains(#""ts":"2100-03-01T00:00:00.000000Z""#))
        #expect(text(.json, plain, microseconds: 1_735_689_599_000_000).contains(#""ts":"2024-12-31T23:59:59.000000Z""#))
    }

    @Test func `lines below the level cost nothing and are not written`() {
        let collector = LogCollector()
        let log = Logger(level: .warn, outputs: [.memory(collector)])
        func never() -> String {
            Issue.record("evaluated")
            return ""
        }
        log.debug(never())
        log.info("x", ["a": .string(never())])
        log.warn("first", ["n": 1])
        log.error("second")
        #expect(collector.lines.count == 2 && collector.contains(#""level":"warn""#) && collector.contains(#""msg":"second""#))
        #expect(collector.contains(#""caller":"CommandLineTests/LoggerTests.swift:"#))
        #expect(log.isEnabled(.error) && !log.isEnabled(.info))
    }

    @Test func `threads write whole lines to a file`() async throws {
        let path = "log-test-\(UInt64.random(in: 0 ... .max)).tmp"
        let log = Logger(outputs: [try LogOutput(named: path)])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 { group.addTask { for round in 0..<100 { log.info("line", ["task": .int(task), "round": .int(round)]) } } }
        }
        let lines = TemporaryFile.take(path).split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"level\":\"info\"") && $0.hasSuffix("}") })
    }

    @Test func `an output that cannot be opened is named`() {
        #expect(throws: LogOutputError.self) { try LogOutput(named: "/no/such/directory/x.log") }
        do { _ = try LogOutput(named: "/no/such/directory/x.log") } catch { #expect("\(error)".contains("/no/such/directory/x.log")) }
    }
}
