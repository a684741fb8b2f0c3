import Base
import Wire

/// What a call of the hub wants sent, in order. Per stream the order is to be kept. Reused: take what is in it with
/// `takeBlocks`, then go on.
package struct WatchOutputs: ~Copyable {
    package private(set) var items: [WatchOutput] = []
    package private(set) var heads = ByteBuffer()
    package internal(set) var events = ByteBuffer()
    /// The head of the last event response, which the next one often repeats.
    private var lastHead = (watchID: Int64.min, revision: Int64.min, stamp: ResponseStamp?.none, range: ByteRange())

    package init() {}

    package var isEmpty: Bool { items.isEmpty }

    /// Hands the bytes over without copying and leaves `self` empty.
    package mutating func takeBlocks() -> (items: [WatchOutput], heads: ByteBlock, events: ByteBlock) {
        let taken = (items, heads.freeze(), events.freeze())
        items = []
        lastHead.stamp = nil
        return taken
    }

    package mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        heads.removeAll()
        events.removeAll()
        lastHead.stamp = nil
    }

    /// The fields of a WatchResponse in front of its events.
    struct Head {
        var watchID: Int64
        var revision: Int64
        var created = false
        var canceled = false
        var compactRevision: Int64 = 0
        var cancelReason = ""
        var isFragment = false
    }

    mutating func append(_ stream: WatchStreamID, _ head: Head, _ stamp: ResponseStamp) -> Int {
        let item = WatchOutput(stream: stream, head: encode(head, stamp), shared: ByteRange())
        items.append(item)
        return item.byteCount
    }

    /// A response with events. Returns the message's size.
    mutating func append(_ stream: WatchStreamID, watchID: Int64, revision: Int64, _ stamp: ResponseStamp, events: ByteRange) -> Int {
        if lastHead.watchID != watchID || lastHead.revision != revision || lastHead.stamp != stamp {
            lastHead = (watchID, revision, stamp, encode(Head(watchID: watchID, revision: revision), stamp))
        }
        let item = WatchOutput(stream: stream, head: lastHead.range, shared: events)
        items.append(item)
        return item.byteCount
    }

    mutating func append(_ stream: WatchStreamID, _ head: Head, _ stamp: ResponseStamp, events: ByteRange) -> Int {
        let item = WatchOutput(stream: stream, head: encode(head, stamp), shared: events)
        items.append(item)
        return item.byteCount
    }

    private mutating func encode(_ head: Head, _ stamp: ResponseStamp) -> ByteRange {
        let start = heads.count
        let headerSize =
            FieldSize.of(0x08, uint64: stamp.clusterID.rawValue) + FieldSize.of(0x10, uint64: stamp.memberID.rawValue)
            + FieldSize.of(0x18, int64: head.revision) + FieldSize.of(0x20, uint64: stamp.raftTerm.rawValue)
        heads.append(varint: 0x0A)
        heads.append(varint: UInt64(headerSize))
        heads.field(0x08, uint64: stamp.clusterID.rawValue)
        heads.field(0x10, uint64: stamp.memberID.rawValue)
        heads.field(0x18, int64: head.revision)
        heads.field(0x20, uint64: stamp.raftTerm.rawValue)
        heads.field(0x10, int64: head.watchID)
        heads.field(0x18, bool: head.created)
        heads.field(0x20, bool: head.canceled)
        heads.field(0x28, int64: head.compactRevision)
        heads.field(0x32, string: head.cancelReason)
        heads.field(0x38, bool: head.isFragment)
        return ByteRange(offset: start, count: heads.count - start)
    }
}
