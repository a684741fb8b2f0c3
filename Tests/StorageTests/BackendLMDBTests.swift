import Base
import Glibc
import Testing

@testable import Storage

@Suite struct BackendLMDBTests {
    @Test(arguments: BackendFixture.Kind.allCases)
    func `keys longer than LMDB takes keep their bytes and their order`(kind: BackendFixture.Kind) throws {
        let fixture = try BackendFixture(kind)
        let stem = String(repeating: "k", count: 479)
        let long = (0..<20).map { stem + String(UnicodeScalar(UInt8(ascii: "a") + UInt8($0 * 7 % 20))) + String(repeating: "z", count: $0 * 50) }
        let keys = ["a", stem, stem + "a", "l", String(repeating: "k", count: 478), String(repeating: "k", count: 600)] + long + ["k" + stem + "x"]
        do {
            var backend = try fixture.open()
            let writer = backend.makeWriter()
            for key in keys { backend.put(.authUsers, key, "value of \(key.count)") }
            let batch = try backend.mustSeal()
            try writer.commit(batch)
            backend.committed(batch.id)
        }
        var backend = try fixture.open()
        let sorted = Set(keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        expectEqual(backend.contents(.authUsers), sorted.map { "\($0)=value of \($0.count)" })
        for key in keys { expectEqual(backend.text(.authUsers, key), "value of \(key.count)") }
        for key in keys { backend.delete(.authUsers, key: Array(key.utf8).rawSpan) }
        expectEqual(backend.contents(.authUsers), [])
        try backend.makeWriter().commit(try backend.mustSeal())
        let again = backend.makeWriter()
        #expect(try again.value(.authUsers, key: Array(long[3].utf8)) == nil)
    }

    @Test func `a full map is an error that says so, and what was committed stays`() throws {
        let fixture = try BackendFixture(.lmdb)
        do {
            var backend = try fixture.open(mapBytes: 1 << 20)
            let writer = backend.makeWriter()
            backend.append(main: 2, "first")
            try writer.commit(try backend.mustSeal())
            backend.append(main: 3, String(repeating: "x", count: 2 << 20))
            let tooMuch = try backend.mustSeal()
            #expect(throws: BackendError.full(path: fixture.path, mapBytes: 1 << 20)) { try writer.commit(tooMuch) }
        }
        let backend = try fixture.open()
        expectEqual(backend.allRows(), ["2.0 first"])
    }

    @Test func `a second process, here a second opening, is kept out`() throws {
        let fixture = try BackendFixture(.lmdb)
        let backend = try fixture.open()
        #expect(throws: BackendError.locked(path: fixture.path)) { _ = try Engine.open(path: fixture.path, mapBytes: 1 << 20) }
        expectEqual(backend.allRows(), [])
    }

    @Test func `etcd's own database without ours beside it is reported as such`() throws {
        let fixture = try BackendFixture(.lmdb)
        let bolt = fixture.directory.path + "/db"
        writeFile(bolt, [1, 2, 3])
        for _ in 0..<2 {
            #expect(throws: BackendError.foreignBoltDatabase(path: bolt)) { _ = try Engine.open(path: fixture.path, mapBytes: 1 << 20) }
        }
        unlinkFile(bolt)
        do { _ = try fixture.open() }
        writeFile(bolt, [1, 2, 3])
        _ = try fixture.open()
    }

    @Test func `files that are no store, damaged or newer are refused by name`() throws {
        let fixture = try BackendFixture(.lmdb)
        func refusal(_ bytes: [UInt8]) -> BackendError? {
            writeFile(fixture.path, bytes)
            do throws(BackendError) {
                _ = try Engine.open(path: fixture.path, mapBytes: 1 << 20)
                return nil
            } catch { return error }
        }
        #expect(refusal(Array("no store at all".utf8)) == .notOurs(path: fixture.path, reason: "not an LMDB file"))
        #expect(refusal([UInt8](repeating: 7, count: 20_000)) == .notOurs(path: fixture.path, reason: "not an LMDB file"))
        unlinkFile(fixture.path)
        do {
            var backend = try fixture.open()
            for main in 2...400 as ClosedRange<Int64> { backend.append(main: main, String(repeating: "x", count: 100)) }
            try backend.makeWriter().commit(try backend.mustSeal())
        }
        let good = readFile(fixture.path)
        #expect(good.count > 40_000)
        #expect(refusal(good) == nil)
        #expect(
            refusal(Array(good[..<20_000])) == .corrupt(path: fixture.path, reason: "it has 20000 bytes and refers to page \(good.count / 4096 - 1)"))
        #expect(refusal(Array(good[..<5000])) == .corrupt(path: fixture.path, reason: "it ends after 5000 bytes"))
        var changed = good
        changed[20] = 2
        #expect(refusal(changed) == .newerFormat(path: fixture.path, found: "LMDB version 2", known: "LMDB version 1"))
        changed = good
        let format = Array("etcd store format1".utf8)
        for start in changed.indices.dropLast(format.count) where Array(changed[start..<start + format.count]) == format {
            changed[start + format.count - 1] = UInt8(ascii: "2")
        }
        #expect(refusal(changed) == .newerFormat(path: fixture.path, found: "2", known: "1"))
    }

    @Test func `a file larger than the map asked for still opens and takes a compaction`() throws {
        let fixture = try BackendFixture(.lmdb)
        do {
            var backend = try fixture.open()
            for main in 2...3000 as ClosedRange<Int64> { backend.append(main: main, String(repeating: "v", count: 1000)) }
            try backend.makeWriter().commit(try backend.mustSeal())
        }
        var backend = try fixture.open(mapBytes: 1 << 20)
        let dropped = (2...2990 as ClosedRange<Int64>).map { Revision(main: $0, sub: 0) }
        var job = BackendCompaction(revision: 2990, previous: -1, dropped: dropped, keepsNothing: false)
        while try job.step(backend.makeWriter()) == .more { backend.renew() }
        backend.renew()
        expectEqual(backend.allRows().count, 10)
    }

    @Test func `a defragmented store is smaller, holds the same, and goes on in the new file`() throws {
        let fixture = try BackendFixture(.lmdb)
        do {
            var backend = try fixture.open()
            let writer = backend.makeWriter()
            for main in 2...3001 as ClosedRange<Int64> { backend.append(main: main, String(repeating: "v", count: 1000)) }
            let batch = try backend.mustSeal()
            try writer.commit(batch)
            backend.committed(batch.id)
            let dropped = (2...2900 as ClosedRange<Int64>).map { Revision(main: $0, sub: 0) }
            var job = BackendCompaction(revision: 2900, previous: -1, dropped: dropped, keepsNothing: false)
            while try job.step(writer) == .more {}
            backend.renew()
            let (before, rows) = (backend.sizeBytes, backend.allRows())
            backend.append(main: 4000, "pending")
            let pending = try backend.mustSeal()
            try writer.defragment()
            expectEqual(backend.allRows(), rows + ["4000.0 pending"])
            try writer.commit(pending)
            backend.committed(pending.id)
            expectEqual(backend.allRows(), rows + ["4000.0 pending"])
            let after = backend.sizeBytes
            #expect(after < before / 4)
            try writer.sync()
        }
        var status = stat()
        #expect(unsafe stat(fixture.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let backend = try fixture.open()
        expectEqual(backend.text(4000), "pending")
        expectEqual(backend.allRows().count, 102)
    }

    /// A defragmentation that had been cut short left its file, and the next one wrote the live rows over it: what had been deleted
    /// in between was there again.
    @Test func `etcd 11613: what an interrupted defragmentation left does not come back with the next one`() throws {
        let fixture = try BackendFixture(.lmdb)
        let leftover = fixture.directory.path + "/tmp-defragment"
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        backend.put(.members, "removed", "member")
        for main in 2...100 as ClosedRange<Int64> { backend.append(main: main, "old") }
        let first = try backend.mustSeal()
        try writer.commit(first)
        backend.committed(first.id)
        // As it was at that moment.
        for name in ["", "-lock"] { try copyFile(fixture.path + name, to: leftover + name) }
        backend.delete(.members, key: Array("removed".utf8).rawSpan)
        backend.append(main: 200, "new")
        let second = try backend.mustSeal()
        try writer.commit(second)
        backend.committed(second.id)
        let dropped = (2...90 as ClosedRange<Int64>).map { Revision(main: $0, sub: 0) }
        var job = BackendCompaction(revision: 90, previous: -1, dropped: dropped, keepsNothing: false)
        while try job.step(writer) == .more {}
        backend.renew()
        let rows = backend.allRows()
        try writer.defragment()
        backend.renew()
        expectEqual(backend.allRows(), rows)
        expectEqual(rows.count, 11)
        expectEqual(backend.contents(.members), [])
        #expect(!exists(leftover) && !exists(leftover + "-lock"))
    }

    @Test func `sizes follow what is written and what is deleted`() throws {
        let fixture = try BackendFixture(.lmdb)
        var backend = try fixture.open()
        let writer = backend.makeWriter()
        let before = backend.sizeInUseBytes
        for main in 2...5001 as ClosedRange<Int64> { backend.append(main: main, String(repeating: "v", count: 1000)) }
        let pending = backend.sizeInUseBytes
        #expect(pending >= before + 5_000_000)
        let batch = try backend.mustSeal()
        let sealed = backend.sizeInUseBytes
        #expect(sealed >= before + 5_000_000)
        try writer.commit(batch)
        backend.committed(batch.id)
        let (size, inUse) = (backend.sizeBytes, backend.sizeInUseBytes)
        #expect(inUse >= 5_000_000 && inUse < 8_000_000 && size >= inUse)
        let dropped = (2...4000 as ClosedRange<Int64>).map { Revision(main: $0, sub: 0) }
        var job = BackendCompaction(revision: 4500, previous: -1, dropped: dropped, keepsNothing: false)
        while try job.step(writer) == .more {}
        backend.append(main: 6000, "x")
        let last = try backend.mustSeal()
        try writer.commit(last)
        backend.committed(last.id)
        let after = backend.sizeInUseBytes
        #expect(after < inUse / 2)
        writer.trimResident()
        expectEqual(backend.text(5001)?.count, 1000)
        try writer.sync()
    }
}

private func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

private func copyFile(_ path: String, to copy: String) throws {
    let (source, target) = unsafe (open(path, O_RDONLY), open(copy, O_WRONLY | O_CREAT | O_EXCL, 0o600))
    defer { for descriptor in [source, target] { close(descriptor) } }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe read(source, &chunk, chunk.count)
        try #require(count >= 0)
        if count == 0 { return }
        let written = unsafe write(target, chunk, count)
        try #require(written == count)
    }
}

private func unlinkFile(_ path: String) { _ = unsafe unlink(path) }
