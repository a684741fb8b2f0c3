// Measures the key-value store alone, in one thread, over a backend in memory, and with a directory also a restart from
// LMDB. Run: swift run -c release store-bench [keys [directory]]
import Base
import CSystem
import MVCC
import Storage
import Wire

func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Bytes that malloc has handed out and not got back.
func allocated() -> Int {
    let info = mallinfo2()
    return Int(info.uordblks + info.hblkhd)
}

@MainActor func measure<E: Error>(_ name: String, _ count: Int, _ body: () throws(E) -> Void) throws(E) {
    let memory = allocated()
    let start = now()
    try body()
    let seconds = now() - start
    let bytes = Double(allocated() - memory) / Double(count)
    print("\(name): \((seconds / Double(count) * 1e9).rounded()) ns each, \((bytes * 10).rounded() / 10) B each, \((seconds * 1000).rounded()) ms")
}

let keyCount = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1_000_000 : 1_000_000
let valueBytes = 16
var random = RandomSource(seed: 1)

/// 32 bytes: a shared prefix, then 20 random hexadecimal digits.
@MainActor func makeKeys(_ count: Int) -> [Bytes] {
    var buffer = ByteBuffer(capacity: count * 32)
    let digits = Array("0123456789abcdef".utf8)
    for _ in 0..<count {
        buffer.append("/bench/keys/")
        var number = random.next()
        for place in 0..<20 {
            if place == 10 { number = random.next() }
            buffer.append(digits[Int(number & 15)])
            number >>= 4
        }
    }
    let block = buffer.freeze()
    return (0..<count).map { Bytes(block, offset: $0 * 32, count: 32) }
}

/// Encoded PutRequests (or RangeRequests without a value), one after the other.
func encode(_ keys: [Bytes], value: Int) -> (message: ByteBlock, ranges: [ByteRange]) {
    var buffer = ByteBuffer()
    var ranges: [ByteRange] = []
    for key in keys {
        let start = buffer.count
        buffer.append(0x0A)
        buffer.append(varint: UInt64(key.count))
        buffer.append(key.span)
        if value > 0 {
            buffer.append(0x12)
            buffer.append(varint: UInt64(value))
            buffer.append(zeros: value)
        }
        ranges.append(ByteRange(offset: start, count: buffer.count - start))
    }
    return (buffer.freeze(), ranges)
}

let keys = makeKeys(keyCount)
let puts = encode(keys, value: valueBytes)
let stamp = ResponseStamp(clusterID: ClusterID(0xABCD_0123_4567_89AB), memberID: MemberID(0x1234_5678_9ABC_DEF0), raftTerm: Term(7))
var changes = ChangeSet()
var out = ByteBuffer(capacity: 1 << 20)
var store = try Store(backend: Backend.inMemory())

@MainActor func putAll(_ store: inout Store, _ puts: (message: ByteBlock, ranges: [ByteRange])) throws {
    for range in puts.ranges {
        let view = try Etcdserverpb.PutRequest.View(decoding: puts.message.span, range)
        try store.put(view, in: puts.message.span, stamp: stamp, leaseExists: { _ in true }, changes: &changes, into: &out)
        if out.count > 1 << 19 {
            out.removeAll()
            changes.removeAll()
        }
    }
    changes.removeAll()
    out.removeAll()
}

var plain = Backend.inMemory()
let row = Bytes([UInt8](repeating: 0, count: 70))
measure("backend append alone", keyCount) {
    for number in 0..<keyCount { plain.append(Revision(main: Int64(number) + 2, sub: 0), tombstone: false, row.span) }
}
try measure("put, new random key", keyCount) { try putAll(&store, puts) }
print("  (index memory = the difference of these two)")

let gets = encode(keys.shuffled(using: &random), value: 0)
try measure("range, one random key", keyCount) {
    for range in gets.ranges {
        let view = try Etcdserverpb.RangeRequest.View(decoding: gets.message.span, range)
        try store.range(view, in: gets.message.span, stamp: stamp, into: &out)
        if out.count > 1 << 19 { out.removeAll() }
    }
}
try measure("range, 100 keys again and again", 1_000_000) {
    for _ in 0..<10_000 {
        for range in gets.ranges[..<100] {
            let view = try Etcdserverpb.RangeRequest.View(decoding: gets.message.span, range)
            try store.range(view, in: gets.message.span, stamp: stamp, into: &out)
        }
        out.removeAll()
    }
}
/// What Kubernetes writes: if the key is at this revision, put it, else give what is there.
@MainActor func txns(_ count: Int) throws {
    var plan = TxnPlan()
    var request = Etcdserverpb.TxnRequest()
    request.compare = [
        .with {
            $0.key = keys[0].array; $0.target = .mod; $0.targetUnion = .modRevision(1)
        }
    ]
    request.success = [
        .with {
            $0.request = .requestPut(
                .with {
                    $0.key = keys[0].array; $0.value = [1, 2, 3]
                })
        }
    ]
    request.failure = [.with { $0.request = .requestRange(.with { $0.key = keys[0].array }) }]
    var failing = ByteBuffer()
    request.encode(into: &failing)
    request.compare[0].result = .notEqual
    var succeeding = ByteBuffer()
    request.encode(into: &succeeding)
    func run(_ message: RawSpan) throws {
        try plan.decode(message)
        try RequestValidation.check(plan, in: message, operationsMax: 128)
        try store.txn(&plan, in: message, stamp: stamp, leaseExists: { _ in true }, changes: &changes, into: &out)
        if out.count > 1 << 19 {
            out.removeAll()
            changes.removeAll()
        }
    }
    try measure("txn that reads", count) { for _ in 0..<count { try run(failing.span) } }
    try measure("txn that puts", count) { for _ in 0..<count { try run(succeeding.span) } }
}
try txns(keyCount)
out.removeAll()
changes.removeAll()
var sum = 0
measure("  of that, the backend's read", keyCount) {
    for _ in 0..<keyCount {
        let number = Int64(random.next() % UInt64(keyCount))
        if let row = store.backend.row(at: Revision(main: number + 2, sub: 0)) { sum += row.byteCount }
    }
}
measure("  of that, the index's lookup", keyCount) {
    for range in gets.ranges {
        let key = gets.message.span.subscripted(ByteRange(offset: Int(range.offset) + 2, count: 32))
        if store.revision(of: key, at: .max) == nil { sum += 1 }
    }
}
try measure("put, overwrite", keyCount) { try putAll(&store, puts) }
out.removeAll()

var all = Etcdserverpb.RangeRequest()
all.key = [0]
all.rangeEnd = [0]
@MainActor func range(_ name: String, _ count: Int, _ request: Etcdserverpb.RangeRequest) throws {
    var buffer = ByteBuffer()
    request.encode(into: &buffer)
    let view = try Etcdserverpb.RangeRequest.View(decoding: buffer.span)
    out.removeAll()
    try measure(name, count) { try store.range(view, in: buffer.span, stamp: stamp, into: &out) }
}
try range("range over everything", keyCount, all)
all.limit = 500
try range("range of 500 (per key), counts the rest", 500, all)
all.revision = store.currentRevision - 1
try range("the same a revision ago", 500, all)
all.limit = 0
all.revision = 0
all.countOnly = true
try range("count only", 1, all)

@MainActor func compactNow(_ store: inout Store) throws -> Int {
    try store.compact(to: store.currentRevision)
    var dropped = 0
    while store.needsCompactionTurn {
        if let job = store.advanceCompaction(budget: 1000) {
            dropped += job.dropped.count
            store.compacted(job.revision, hash: nil)
        }
    }
    return dropped
}
var dropped = 0
try measure("compaction of the index", keyCount) { dropped = try compactNow(&store) }
print("  dropped \(dropped)")

@MainActor func makeRows(_ backend: consuming Backend) throws -> Backend {
    var disk = backend
    for number in 0..<keyCount {
        let view = try Etcdserverpb.PutRequest.View(decoding: puts.message.span, puts.ranges[number])
        var row = ByteBuffer()
        row.append(0x0A)
        row.append(varint: 32)
        row.append(puts.message.span.subscripted(view.key))
        row.append(0x10)
        row.append(varint: UInt64(number + 2))
        row.append(0x18)
        row.append(varint: UInt64(number + 2))
        row.append(0x20)
        row.append(1)
        disk.append(Revision(main: Int64(number) + 2, sub: 0), tombstone: false, row.span)
    }
    return disk
}

var rows: Backend? = try makeRows(Backend.inMemory())
var restored: Store?
try measure("restart: index from the backend's rows", keyCount) { restored = try Store(backend: rows.take() ?? Backend.inMemory()) }
if let count = restored?.keyCount { print("  \(count) keys") }

let hot = encode([Bytes](repeating: keys[0], count: keyCount), value: valueBytes)
try measure("put, always the same key", keyCount) { try putAll(&store, hot) }

var delete = ByteBuffer()
var everything = Etcdserverpb.DeleteRangeRequest()
everything.key = [0]
everything.rangeEnd = [0]
everything.encode(into: &delete)
let deleteView = try Etcdserverpb.DeleteRangeRequest.View(decoding: delete.span)
try measure("delete everything", keyCount) {
    try store.deleteRange(deleteView, in: delete.span, stamp: stamp, changes: &changes, into: &out)
}
changes.removeAll()
try measure("compaction of the index", keyCount) { dropped = try compactNow(&store) }
print("  dropped \(dropped), \(sum & 1)")

let sorted = encode(keys.sorted(), value: valueBytes)
store = try Store(backend: Backend.inMemory())
try measure("put, new keys in ascending order", keyCount) { try putAll(&store, sorted) }

if CommandLine.arguments.count > 2 {
    store = try Store(backend: Backend.inMemory())
    restored = nil
    let path = CommandLine.arguments[2]
    do {
        var backend = try makeRows(Backend.open(path: path, mapBytes: 1 << 30))
        let writer = backend.makeWriter()
        if let batch = backend.seal() { try measure("commit to LMDB", keyCount) { try writer.commit(batch) } }
    }
    var opened: Backend? = try Backend.open(path: path, mapBytes: 1 << 30)
    try measure("restart: index from LMDB's rows", keyCount) { restored = try Store(backend: opened.take() ?? Backend.inMemory()) }
    if let count = restored?.keyCount { print("  \(count) keys") }
}
