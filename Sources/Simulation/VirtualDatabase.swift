import Base
import MVCC
import Replica
import Storage

/// A member's database, and what a power loss may leave of it: as LMDB's with MDB_NOMETASYNC, the last commit may be undone
/// unless it was synced, and nothing else. The end of the process alone undoes nothing.
final class VirtualDatabase {
    private(set) var disk = MemoryDisk()
    /// As it was before the last commit; nil once that is durable.
    private var undo: MemoryDisk?
    /// Databases that came from leaders, durable, by the index in their file's name; ascending.
    private(set) var received: [(index: LogIndex, disk: MemoryDisk)] = []

    var engine: Engine { .memory(disk) }
    var writer: BackendWriter { BackendWriter(engine) }

    /// To be called before each transaction.
    func willCommit() { undo = disk.copy() }

    func sync() { undo = nil }

    func losePower(_ dice: inout Dice) {
        if let undo, dice.happens(1, in: 2) { disk = undo }
        undo = nil
    }

    func receive(_ file: MemoryDisk, index: LogIndex) {
        received.removeAll { $0.index == index }
        let place = received.firstIndex { $0.index > index } ?? received.count
        received.insert((index, file.copy()), at: place)
    }

    func received(at index: LogIndex) -> MemoryDisk? { received.first { $0.index == index }?.disk }

    /// A received database takes the place of the present one, durably.
    func install(_ fresh: MemoryDisk) {
        disk = fresh
        undo = nil
    }

    /// Those older than the newest snapshot are of no more use.
    func purge(before index: LogIndex) { received.removeAll { $0.index < index } }

    func erase() {
        disk = MemoryDisk()
        undo = nil
        received = []
    }
}
