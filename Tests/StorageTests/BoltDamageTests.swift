import Base
import Testing

@testable import Storage

@Suite struct BoltDamageTests {
    /// Deep, with inline buckets and overflow pages, in few pages.
    private func sample(_ path: String) throws -> [UInt8] {
        let fixture = try BackendFixture(.memory)
        var backend = try fixture.open()
        for main in 2...30 as ClosedRange<Int64> { backend.append(main: main, String(repeating: "x", count: main == 20 ? 9000 : 300)) }
        backend.put(.lease, "lease", "1")
        backend.put(.meta, "a", "b")
        for number in 0..<4 { backend.put(.authUsers, String(repeating: "\(number)", count: 3000), "user") }
        try backend.makeWriter().commit(try backend.mustSeal())
        var export = try BoltExport(to: path)
        while try export.step(backend.makeWriter()) == .more {}
        return readFile(path)
    }

    /// Reads everything; true when nothing was found wrong.
    private func read(_ path: String) -> Bool {
        do throws(BoltError) {
            _ = try BoltStatus(of: path)
            return true
        } catch {
            switch error {
            case .malformed: return false
            default:
                Issue.record("an error that names no page: \(error)")
                return false
            }
        }
    }

    @Test func `a changed byte anywhere is an error or not noticed, and never ends the process`() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/db"
        let good = try sample(path)
        #expect(read(path))
        var noticed = 0
        var random = RandomSource(seed: 4)
        let scratch = directory.path + "/damaged"
        writeFile(scratch, good)
        let patcher = try FilePatcher(scratch)
        // Headers and elements byte by byte, the content now and then.
        for offset in good.indices where offset % 4096 < 80 || offset % 97 == 0 {
            for mask in [0x01, 0x80, UInt8.random(in: 1...255, using: &random)] as [UInt8] {
                patcher.write([good[offset] ^ mask], at: offset)
                if !read(scratch) { noticed += 1 }
            }
            patcher.write([good[offset]], at: offset)
        }
        #expect(noticed > 500)
        #expect(read(scratch))
    }

    @Test func `a file cut off anywhere is an error`() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/db"
        let good = try sample(path)
        for end in stride(from: 0, to: good.count, by: 611) {
            writeFile(path, Array(good[..<end]))
            #expect(!read(path))
        }
    }

    @Test func `pages that refer to each other in a circle are found out`() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/db"
        var file = try BoltPageWriter(path)
        // A branch whose first child is itself.
        var body = ByteBuffer()
        body.append(littleEndian: UInt32(16))
        body.append(littleEndian: UInt32(1))
        body.append(littleEndian: file.nextPage)
        body.append(UInt8(ascii: "a"))
        let loop = try file.append(flags: BoltFormat.branchFlag, count: 1, body: body.span)
        try file.finish(root: loop)
        do throws(BoltError) {
            _ = try BoltStatus(of: path)
            Issue.record("no error")
        } catch { #expect(error == .malformed(path: path, page: loop, reason: "the tree is deeper than 32 pages")) }
    }

    @Test func `of two meta pages the later sound one counts`() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/db"
        let good = try sample(path)
        let sound = try BoltReader(path).transaction
        #expect(sound == 1)
        let patcher = try FilePatcher(path)
        patcher.write([good[4096 + 16 + 40] ^ 1], at: 4096 + 16 + 40)
        #expect(try BoltReader(path).transaction == 0)
        #expect(read(path))
        patcher.write(Array(good[4096..<8192]), at: 4096)
        patcher.write([0], at: 16)
        #expect(try BoltReader(path).transaction == 1)
        #expect(read(path))
    }
}
