import Base
import Glibc
import Testing
import Wire

@testable import Storage

@Suite struct BoltImportTests {
    @Test func `a database written by etcd is taken over, and hashes to what etcd says`() throws {
        guard let reference = ReferenceBinaries.find() else { return }
        let directory = TemporaryDirectory()
        let client = "http://127.0.0.1:\(freePort())"
        let peer = "http://127.0.0.1:\(freePort())"
        let server = try ChildProcess(
            reference.directory + "/etcd",
            [
                "--name", "m", "--data-dir", directory.path + "/data", "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "m=\(peer)",
            ])
        func shell(_ script: String) throws -> String {
            let process = try ChildProcess("/bin/sh", ["-c", "c='\(reference.directory)/etcdctl --endpoints=\(client)'\n" + script])
            #expect(process.wait() == 0, "\(script): \(process.output)")
            return process.output
        }
        _ = try shell("for i in $(seq 300); do $c endpoint health && exit 0; sleep 0.2; done; exit 1")
        _ = try shell(
            """
            for t in 1 2 3 4; do { echo; i=0; while [ $i -lt 100 ]; do echo "put key$i $t-$i-\(String(repeating: "v", count: 200))"; \
            i=$((i+1)); done; echo; echo; } | $c txn >/dev/null || exit 1; done
            $c del --prefix key3; $c put key35 again; $c put other 1; $c del other; $c lease grant 3600
            head -c 100000 /dev/zero | tr '\\0' x | $c put large
            """)
        func hash(_ revision: Int64) throws -> (hash: UInt32, compacted: Int64) {
            let output = try shell("$c endpoint hashkv --rev=\(revision) -w json")
            return (UInt32(number("\"hash\":", output) ?? 0), number("\"compact_revision\":", output) ?? -1)
        }
        var answers: [(revision: Int64, hash: UInt32, compacted: Int64)] = []
        let current = try #require(number("\"revision\":", try shell("$c get key1 -w json")))
        _ = try shell("$c compact 5")
        _ = try shell("for i in 1 2 3 4 5 6; do $c put late$i x; $c put key1 late$i; $c del key2$i; done; $c compact --physical \(current + 4)")
        let last = try #require(number("\"revision\":", try shell("$c get key1 -w json")))
        // The revision of the compaction itself is answered from memory, with the compaction before (§5.1).
        for revision in current + 5...last {
            let answer = try hash(revision)
            answers.append((revision, answer.hash, answer.compacted))
        }
        #expect([0, SIGTERM].contains(server.terminate()), "\(server.output)")

        let bolt = directory.path + "/data/member/snap/db"
        let status = try BoltStatus(of: bolt)
        let official = try reference.run("etcdutl", ["snapshot", "status", bolt, "-w", "json"])
        #expect(number("\"hash\":", official.output) == Int64(status.hash), "\(official.output)")
        #expect(number("\"totalKey\":", official.output) == Int64(status.entries))
        #expect(number("\"totalSize\":", official.output) == status.byteCount)
        #expect(status.revision == last)
        for kind in BackendFixture.Kind.allCases {
            let fixture = try BackendFixture(kind)
            try fixture.importBolt(bolt)
            let backend = try fixture.open()
            let writer = backend.makeWriter()
            var rows: [BackendModel.Row] = []
            backend.scanRows { revision, isTombstone, row in
                let key = (try? Mvccpb.KeyValue(decoding: row))?.key ?? []
                rows.append(.init(revision: revision, isTombstone: isTombstone, key: String(decoding: key, as: UTF8.self), bytes: row.array))
                return true
            }
            #expect(rows.count > 100)
            expectEqual(backend.value(.meta, key: MetaKey.finishedCompactRevision.bytes), RevisionKey(Revision(main: current + 4, sub: 0)).array)
            for answer in answers {
                #expect(answer.compacted == current + 4)
                var hash = HashRows(revision: answer.revision, skipped: rows.skipped(at: answer.revision, compacted: answer.compacted))
                while try hash.step(writer) == .more {}
                #expect(hash.hash == answer.hash, "revision \(answer.revision)")
            }
            expectEqual(backend.contents(.lease).count, 1)
            expectEqual(backend.contents(.members).count, 1)
            let index = backend.appliedIndex
            #expect(index > LogIndex(20))
        }
    }

    @Test func `an import cut short leaves nothing, and the next one begins again`() throws {
        let fixture = try BackendFixture(.lmdb)
        let source = try BackendFixture(.memory)
        var backend = try source.open()
        for main in 2...100 as ClosedRange<Int64> { backend.append(main: main, "row \(main)") }
        try backend.makeWriter().commit(try backend.mustSeal())
        let bolt = fixture.directory.path + "/db"
        var export = try BoltExport(to: bolt)
        while try export.step(backend.makeWriter()) == .more {}
        do {
            var job = try BoltImport(bolt, to: fixture.path, mapBytes: 1 << 30)
            #expect(try job.step(budgetRows: 10) == .more)
            #expect(throws: BackendError.foreignBoltDatabase(path: bolt)) { _ = try fixture.open() }
        }
        #expect(unsafe access(fixture.path + ".importing", F_OK) != 0)
        #expect(throws: BackendError.foreignBoltDatabase(path: bolt)) { _ = try fixture.open() }
        writeFile(fixture.path + ".importing", Array("left by a crash".utf8))
        try fixture.importBolt(bolt)
        let imported = try fixture.open()
        expectEqual(imported.allRows(), (2...100).map { "\($0).0 row \($0)" })
    }

    @Test func `files that are no etcd database are refused`() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/file"
        func refusal() -> BackendError? {
            do throws(BackendError) {
                _ = try BoltImport(path, to: MemoryDisk())
                return nil
            } catch { return error }
        }
        #expect(refusal() == .bolt(.unreadable(path: path, operation: "opening", reason: "No such file or directory")))
        writeFile(path, [])
        #expect(refusal() == .bolt(.malformed(path: path, page: 0, reason: "the file is too short")))
        writeFile(path, [UInt8](repeating: 1, count: 100_000))
        #expect(refusal() == .bolt(.malformed(path: path, page: 0, reason: "it has no bbolt magic number")))
        var file = try BoltPageWriter(path)
        var root = BoltTreeWriter()
        var inner = BoltTreeWriter()
        try inner.add([1].rawSpan, [2].rawSpan, to: &file)
        let value = inner.inlineValue()!.array
        try root.add(Array("strange".utf8).rawSpan, value.rawSpan, isBucket: true, to: &file)
        try file.finish(root: try root.finish(in: &file))
        #expect(refusal() == .bolt(.unknownBucket(path: path, name: "strange")))
        var other = try BoltPageWriter(path)
        var lease = BoltTreeWriter()
        try lease.add(Array("lease".utf8).rawSpan, value.rawSpan, isBucket: true, to: &other)
        try other.finish(root: try lease.finish(in: &other))
        #expect(refusal() == .bolt(.missingBucket(path: path, name: "key")))
    }

    /// The number behind `field` in JSON.
    private func number(_ field: String, _ json: String) -> Int64? {
        var rest = Array(json.utf8)[...]
        let name = Array(field.utf8)
        while !rest.isEmpty, !rest.starts(with: name) { rest.removeFirst() }
        let digits = rest.dropFirst(name.count).prefix { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}
