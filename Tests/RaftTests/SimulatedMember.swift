import Base
import Raft

/// A member of the test network: a node with a disk that may lose what was not synced, and a store that follows by apply.
final class SimulatedMember {
    struct Disk {
        var hardState = HardState()
        var base = LogPosition.zero
        var snapshotConfState = ConfState()
        var entries: [Entry] = []

        var lastIndex: LogIndex { LogIndex(base.index.rawValue + UInt64(entries.count)) }

        func term(at index: LogIndex) -> Term? {
            if index == base.index { return base.term }
            guard index > base.index, index <= lastIndex else { return nil }
            return entries[Int(index.rawValue - base.index.rawValue) - 1].term
        }

        mutating func append(_ new: ArraySlice<Entry>) {
            for entry in new where entry.index > base.index {
                entries.removeSubrange(Int(entry.index.rawValue - base.index.rawValue - 1)...)
                entries.append(entry)
            }
        }

        mutating func install(_ snapshot: SnapshotMetadata) {
            if term(at: snapshot.index) == snapshot.term { return release(snapshot) }
            entries = []
            base = snapshot.position
            snapshotConfState = snapshot.confState
        }

        mutating func release(_ snapshot: SnapshotMetadata) {
            guard snapshot.index > base.index else { return }
            entries.removeFirst(Int(snapshot.index.rawValue - base.index.rawValue))
            base = snapshot.position
            snapshotConfState = snapshot.confState
        }
    }

    struct Write {
        var write: LogWrite
        var entries: [Entry]
        var snapshot: Snapshot?
    }

    struct Store {
        var index = LogIndex.zero
        var confState = ConfState()
    }

    let id: MemberID
    let configuration: RaftConfiguration
    var isUp = true
    var node: RaftNode
    var output = RaftOutput()
    var disk: Disk
    var writes: [Write] = []
    var held: [OutgoingMessage] = []
    /// As applied in memory, and as it would be found after a crash.
    var store: Store
    var storeOnDisk: Store
    /// Contexts of reads asked here, with the least index that may answer them.
    var reads: [UInt64: LogIndex] = [:]
    var readsAnswered = 0

    init(_ configuration: RaftConfiguration, disk: Disk, seed: UInt64) throws {
        self.id = configuration.id
        self.configuration = configuration
        self.disk = disk
        store = Store(index: disk.base.index, confState: disk.snapshotConfState)
        storeOnDisk = store
        node = try Self.recover(configuration, disk, store, seed)
    }

    static func recover(_ configuration: RaftConfiguration, _ disk: Disk, _ store: Store, _ seed: UInt64) throws(RaftError) -> RaftNode {
        try RaftNode(
            configuration: configuration,
            recovered: RecoveredState(
                hardState: disk.hardState, confState: store.confState, base: disk.base, entries: disk.entries, applied: store.index),
            random: RandomSource(seed: seed))
    }

    /// Carries out the oldest write.
    func persistOne() {
        let write = writes.removeFirst()
        apply(write, entries: write.entries.count, isWhole: true)
        if write.write.mustSync { node.persisted(through: write.write.number) }
        if let snapshot = write.snapshot {
            storeOnDisk = Store(index: snapshot.metadata.index, confState: snapshot.metadata.confState)
            if storeOnDisk.index > store.index { store = storeOnDisk }
            node.snapshotApplied(snapshot.metadata.index)
        }
    }

    private func apply(_ write: Write, entries: Int, isWhole: Bool) {
        if let snapshot = write.snapshot { disk.install(snapshot.metadata) }
        disk.append(write.entries.prefix(entries))
        if isWhole, let state = write.write.hardState { disk.hardState = state }
    }

    /// Loses power: a part of what was not yet synced may have reached the disk, in order.
    func crash(_ random: inout RandomSource) {
        isUp = false
        let survivors = Int.random(in: 0...writes.count, using: &random)
        for write in writes.prefix(survivors) { apply(write, entries: write.entries.count, isWhole: true) }
        if survivors < writes.count, Bool.random(using: &random) {
            apply(writes[survivors], entries: Int.random(in: 0...writes[survivors].entries.count, using: &random), isWhole: false)
        }
        writes = []
        held = []
        reads = [:]
    }

    func restart(seed: UInt64) throws(RaftError) {
        if storeOnDisk.index < disk.base.index { storeOnDisk = Store(index: disk.base.index, confState: disk.snapshotConfState) }
        store = storeOnDisk
        node = try Self.recover(configuration, disk, store, seed)
        isUp = true
    }
}
