import Base
import MVCC
import Storage
import Wire

typealias WatchResponse = Etcdserverpb.WatchResponse

/// A store with a hub, and clients that decode what they are sent.
struct WatchFixture: ~Copyable {
    var store: Store
    var hub: WatchHub
    var now = Instant(nanoseconds: 0)
    private let disk = MemoryDisk()
    private let writer: BackendWriter
    var changes = ChangeSet()
    var outputs = WatchOutputs()
    /// All responses to each stream so far, in order, with the bytes to be reported as drained.
    private(set) var received: [WatchStreamID: [WatchResponse]] = [:]
    private(set) var undrained: [WatchStreamID: [Int]] = [:]
    private(set) var largestEventBytes = 0

    static let stamp = ResponseStamp(clusterID: ClusterID(11), memberID: MemberID(22), raftTerm: Term(3))

    init(_ limits: WatchLimits = WatchLimits(), seed: UInt64 = 1) throws {
        let backend = Backend.inMemory(disk)
        writer = backend.makeWriter()
        store = try Store(backend: backend)
        hub = WatchHub(revision: 1, stamp: WatchFixture.stamp, limits: limits, seed: seed)
    }

    static func stream(_ number: UInt64) -> WatchStreamID { WatchStreamID(loop: UInt8(number % 2), rawValue: number) }

    // MARK: - Writing

    /// Until `publish`, nothing is delivered.
    mutating func write(put key: String, _ value: String, lease: Int64 = 0) throws {
        var request = Etcdserverpb.PutRequest()
        request.key = Array(key.utf8)
        request.value = Array(value.utf8)
        request.lease = lease
        let message = Self.encoded(request)
        var out = ByteBuffer()
        try store.put(.init(decoding: message.span), in: message.span, stamp: nil, leaseExists: { _ in true }, changes: &changes, into: &out)
    }

    mutating func write(delete key: String, to end: String = "") throws {
        var request = Etcdserverpb.DeleteRangeRequest()
        request.key = Array(key.utf8)
        request.rangeEnd = Array(end.utf8)
        let message = Self.encoded(request)
        var out = ByteBuffer()
        try store.deleteRange(.init(decoding: message.span), in: message.span, stamp: nil, changes: &changes, into: &out)
    }

    enum Operation {
        case put(String, String)
        case delete(String, to: String = "")
    }

    mutating func write(transaction operations: [Operation]) throws {
        var request = Etcdserverpb.TxnRequest()
        for operation in operations {
            var element = Etcdserverpb.RequestOp()
            switch operation {
            case .put(let key, let value):
                var put = Etcdserverpb.PutRequest()
                put.key = Array(key.utf8)
                put.value = Array(value.utf8)
                element.request = .requestPut(put)
            case .delete(let key, let end):
                var delete = Etcdserverpb.DeleteRangeRequest()
                delete.key = Array(key.utf8)
                delete.rangeEnd = Array(end.utf8)
                element.request = .requestDeleteRange(delete)
            }
            request.success.append(element)
        }
        let message = Self.encoded(request)
        var plan = TxnPlan()
        try plan.decode(message.span)
        var out = ByteBuffer()
        try store.txn(&plan, in: message.span, stamp: nil, leaseExists: { _ in true }, changes: &changes, into: &out)
    }

    mutating func publish() {
        hub.publish(changes, store: store, into: &outputs)
        changes.removeAll()
        collect()
    }

    mutating func put(_ key: String, _ value: String) throws {
        try write(put: key, value)
        publish()
    }

    mutating func delete(_ key: String, to end: String = "") throws {
        try write(delete: key, to: end)
        publish()
    }

    mutating func transaction(_ operations: [Operation]) throws {
        try write(transaction: operations)
        publish()
    }

    // MARK: - The backend

    /// Commits what is pending and removes the rows that compactions dropped.
    mutating func compactBackend() {
        if let batch = store.backend.seal() {
            guard (try? writer.commit(batch)) != nil else { fatalError("commit failed") }
            store.backend.committed(batch.id)
        }
        while let job = store.advanceCompaction(budget: .max) { store.compacted(job.revision, hash: nil) }
    }

    /// The member stops after a commit and starts again; its clients are gone.
    mutating func restart() throws {
        compactBackend()
        let backend = Backend.inMemory(disk)
        store = try Store(backend: backend)
        hub = WatchHub(revision: store.currentRevision, stamp: WatchFixture.stamp, limits: hub.limits, seed: 2)
    }

    // MARK: - Watching

    mutating func create(_ stream: UInt64, _ key: String, to end: String = "", _ change: (inout Etcdserverpb.WatchCreateRequest) -> Void = { _ in }) {
        var request = Etcdserverpb.WatchCreateRequest()
        request.key = Array(key.utf8)
        request.rangeEnd = Array(end.utf8)
        change(&request)
        hub.create(Self.stream(stream), request, store: store, now: now, into: &outputs)
        collect()
    }

    mutating func cancel(_ stream: UInt64, _ watchID: Int64) {
        hub.cancel(Self.stream(stream), watchID: watchID, store: store, into: &outputs)
        collect()
    }

    mutating func progress(_ stream: UInt64) {
        hub.progress(Self.stream(stream), into: &outputs)
        collect()
    }

    mutating func tick(after interval: Interval) {
        now = now + interval
        hub.tick(now, into: &outputs)
        collect()
    }

    mutating func slice() {
        hub.catchUp(store: store, into: &outputs)
        collect()
    }

    /// Slices until nothing is left to do.
    mutating func catchUp() {
        while hub.hasWork { slice() }
    }

    /// Reports the first `messages` undrained messages of a stream as gone.
    mutating func drain(_ stream: UInt64, messages: Int = .max) {
        let id = Self.stream(stream)
        let sizes = undrained[id] ?? []
        let count = Swift.min(messages, sizes.count)
        undrained[id] = Array(sizes.dropFirst(count))
        for size in sizes.prefix(count) { hub.drained(id, bytes: size) }
    }

    /// What the stream was sent since the last call.
    mutating func take(_ stream: UInt64) -> [WatchResponse] {
        let responses = received[Self.stream(stream)] ?? []
        received[Self.stream(stream)] = []
        return responses
    }

    // MARK: - Bytes

    private mutating func collect() {
        let (items, heads, events) = outputs.takeBlocks()
        largestEventBytes = Swift.max(largestEventBytes, events.count)
        for item in items {
            var message = ByteBuffer()
            message.append(heads.span.subscripted(item.head))
            message.append(events.span.subscripted(item.shared))
            guard let response = try? WatchResponse(decoding: message.span) else { fatalError("undecodable response") }
            received[item.stream, default: []].append(response)
            undrained[item.stream, default: []].append(item.byteCount)
        }
    }

    private static func encoded<Message: WireMessage>(_ message: Message) -> Bytes {
        var buffer = ByteBuffer()
        message.encode(into: &buffer)
        return Bytes(buffer.freeze())
    }
}

extension WatchResponse {
    /// "PUT a=1@2" or "DELETE a@3", with " was 0" for the previous value.
    var lines: [String] { events.map(\.line) }
}

extension Mvccpb.Event {
    var line: String {
        let key = String(decoding: kv?.key ?? [], as: UTF8.self)
        let value = String(decoding: kv?.value ?? [], as: UTF8.self)
        let previous = prevKv.map { " was \(String(decoding: $0.value, as: UTF8.self))@\($0.modRevision)" } ?? ""
        let text = type == .put ? "PUT \(key)=\(value)" : "DELETE \(key)"
        return "\(text)@\(kv?.modRevision ?? 0)\(previous)"
    }
}

extension [WatchResponse] {
    var lines: [String] { flatMap(\.lines) }
}
