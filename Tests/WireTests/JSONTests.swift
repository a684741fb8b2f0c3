import Base
import Testing
import Wire

@Suite struct JSONTests {
    private func put(_ json: String) throws(JSONError) -> Etcdserverpb.PutRequest { try .init(json: Array(json.utf8)) }
    private func range(_ json: String) throws(JSONError) -> Etcdserverpb.RangeRequest { try .init(json: Array(json.utf8)) }

    @Test func `both forms of names, unknown fields and nulls are taken`() throws {
        #expect(
            try put(#" { "key" : "Zm9v", "prev_kv": true } "#)
                == .with {
                    $0.key = Array("foo".utf8); $0.prevKv = true
                })
        #expect(try put(#"{"prevKv":true,"bogus":[1,{"a":[]},"x",null,-1.5e3,true,false],"lease":null}"#) == .with { $0.prevKv = true })
        #expect(
            try range(#"{"rangeEnd":"AA==","sortOrder":1,"sort_target":"MOD"}"#)
                == .with {
                    $0.rangeEnd = [0]; $0.sortOrder = .ascend; $0.sortTarget = .mod
                })
        #expect(try range(#"{"sort_order":"SIDEWAYS","sort_target":99}"#) == .with { $0.sortTarget = .init(rawValue: 99) })
        #expect(try put("{}") == .init())
    }

    @Test func `whole numbers are taken however they are written`() throws {
        for text in ["12", "\"12\"", "1.2e1", "120E-1", "\"1200e-2\"", "12.0", "12.000", "0.12e+2"] {
            #expect(try put("{\"lease\":\(text)}").lease == 12, "\(text)")
        }
        #expect(try put(#"{"lease":"-9223372036854775808"}"#).lease == .min)
        #expect(try put(#"{"lease":9223372036854775807}"#).lease == .max)
        #expect(try put(#"{"lease":-0}"#).lease == 0)
        #expect(try Etcdserverpb.MoveLeaderRequest(json: Array(#"{"targetID":"18446744073709551615"}"#.utf8)).targetID == .max)
        #expect(try put(#"{"lease":0e999999999999}"#).lease == 0)
        for text in [
            "1.5", "\"1.5\"", "9223372036854775808", "-9223372036854775809", "1e19", "1e999999999999999999", "\"\"", "\" 1\"", "\"1 \"",
            "\"0x1\"", "\"01\"", "\"+1\"", "true", "[]", "{}", "\"a\"",
        ] {
            #expect(throws: JSONError.self, "\(text)") { try put("{\"lease\":\(text)}") }
        }
        #expect(throws: JSONError.self) { try Etcdserverpb.MoveLeaderRequest(json: Array(#"{"targetID":-1}"#.utf8)) }
        #expect(throws: JSONError.self) { try Etcdserverpb.MoveLeaderRequest(json: Array(#"{"targetID":"18446744073709551616"}"#.utf8)) }
    }

    @Test func `bytes are base64 of either alphabet with or without padding`() throws {
        for (text, value) in [
            ("", ""), ("Zg==", "66"), ("Zg", "66"), ("Zm8=", "666f"), ("Zm9v", "666f6f"), ("_-8", "ffef"), ("/+8=", "ffef"), ("Zm\\n9v", "666f6f"),
        ] {
            #expect(try put("{\"key\":\"\(text)\"}").key == hexBytes(value), "\(text)")
        }
        for text in ["Z", "Zg=", "Zg===", "Z=g=", "Zm9v=", "Zm9*", "====", " Zg=="] {
            #expect(throws: JSONError.self, "\(text)") { try put("{\"key\":\"\(text)\"}") }
        }
    }

    @Test func `strings are unescaped and must be text`() throws {
        func name(_ json: [UInt8]) throws -> String { try Etcdserverpb.AuthUserGetRequest(json: json).name }
        #expect(try name(Array(#"{"name":"a\"\\\/\b\f\n\r\té\ud83d\udd11"}"#.utf8)) == "a\"\\/\u{8}\u{c}\n\r\té\u{1f511}")
        for bad in [#""\ud83d""#, #""\udd11""#, #""\ud83dx""#, #""\ud83dA""#, #""\u12""#, #""\x""#, #""\""#, "\"a\nb\"", "\"\u{0}\"", "\"a"] {
            #expect(throws: JSONError.self, "\(bad)") { try name(Array("{\"name\":\(bad)}".utf8)) }
        }
        #expect(throws: JSONError.self) { try name(Array(#"{"name":""#.utf8) + [0xFF] + Array("\"}".utf8)) }
        let message = Etcdserverpb.AuthUserGetRequest.with { $0.name = "\u{1}\u{1f}\t\"\\</é" }
        #expect(text(message.json()) == #"{"name":"\u0001\u001f\t\"\\</é"}"#)
    }

    @Test func `one of several and twice the same are refused`() {
        func op(_ json: String) throws { _ = try Etcdserverpb.RequestOp(json: Array(json.utf8)) }
        #expect(throws: JSONError.self) { try op(#"{"request_put":{},"request_range":{}}"#) }
        #expect(throws: JSONError.self) { try op(#"{"request_put":{},"requestPut":{}}"#) }
        #expect(throws: JSONError.self) { try put(#"{"prev_kv":true,"prevKv":true}"#) }
    }

    @Test func `syntax errors read as the gateway's`() {
        for (json, message) in [
            ("{bad", "invalid character 'b' looking for beginning of object key string"), ("", "unexpected end of JSON input"),
            ("{\"key\"", "unexpected end of JSON input"), ("{\"key\" 1}", "invalid character '1' after object key"),
            ("{\"key\":}", "invalid character '}' looking for beginning of value"),
            ("{\"key\":\"\" \"a\"}", "invalid character '\"' after object key:value pair"), ("{} x", "invalid character 'x' after top-level value"),
            ("{\"key\":\"\",}", "invalid character '}' looking for beginning of object key string"),
            ("{\"x\":nul}", "invalid character '}' in literal null"),
        ] {
            #expect(throws: JSONError.self) { try put(json) }
            do { _ = try put(json) } catch { #expect(error.description == message, "\(json)") }
        }
        for json in ["[]", "1", "null", "{\"x\":[1,]}", "{\"x\":[,]}", "{\"x\":01}", "{\"x\":1.}", "{\"x\":-}", "{\"x\":1e}", "{,}", "{}}"] {
            #expect(throws: JSONError.self, "\(json)") { try put(json) }
        }
        do { _ = try put(#"{"lease":"x"}"#) } catch { #expect(error.description.contains("field lease")) }
    }

    @Test func `nesting ends at its limit`() throws {
        let deep = "{\"x\":" + String(repeating: "[", count: 50_000)
        #expect(throws: JSONError.self) { try put(deep) }
        #expect(try put("{\"x\":" + String(repeating: "[", count: 99) + String(repeating: "]", count: 99) + "}") == .init())
        let transactions = String(repeating: #"{"success":[{"request_txn":"#, count: 20_000)
        #expect(throws: JSONError.self) { try Etcdserverpb.TxnRequest(json: Array(transactions.utf8)) }
    }

    @Test func `several objects of one text are read one after the other`() throws {
        let text = Bytes(" {\"lease\":1}\n{\"lease\":2} rest")
        var position = 0
        #expect(try Etcdserverpb.PutRequest(json: text.span, at: &position).lease == 1)
        #expect(try Etcdserverpb.PutRequest(json: text.span, at: &position).lease == 2)
        #expect(throws: JSONError.self) { try Etcdserverpb.PutRequest(json: text.span, at: &position) }
        position = text.count
        #expect(throws: JSONError.endOfText) { try Etcdserverpb.PutRequest(json: text.span, at: &position) }
    }

    @Test func `cut and damaged texts never trap`() {
        var random = RandomSource(seed: 3)
        for fixture in Fixture.all {
            let json = Array(fixture.json.utf8)
            for count in stride(from: 0, to: json.count, by: 3) { _ = try? fixture.type.encodedFromJSON(Array(json[..<count])) }
            for _ in 0..<10 {
                var damaged = json
                damaged[Int.random(in: 0..<json.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
                _ = try? fixture.type.encodedFromJSON(damaged)
            }
        }
    }

    @Test func `recorded answers of etcd's gateway are read and written alike`() throws {
        let recorded =
            #"{"header":{"cluster_id":"15875391935852295136","member_id":"7383792418829112008","revision":"3","raft_term":"2"},"succeeded":true,"responses":[{"response_range":{"header":{"revision":"2"},"kvs":[{"key":"Zm9v","create_revision":"2","mod_revision":"2","version":"1","value":"YmFy"}],"count":"1"}},{"response_put":{"header":{"revision":"3"}}}]}"#
        #expect(text(try Etcdserverpb.TxnResponse(json: Array(recorded.utf8)).json()) == recorded)
        let grant = #"{"ID":"7","TTL":"10"}"#
        #expect(text(try Etcdserverpb.LeaseGrantResponse(json: Array(grant.utf8)).json()) == grant)
    }
}
