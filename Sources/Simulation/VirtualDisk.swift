import Base

/// A member's file system, as far as its log and its `.snap` files go: names, contents, and what a power loss leaves of both.
///
/// Names are journaled in order, as ext4 and XFS do: of the changes since the last sync of the directory a power loss keeps
/// the first few. One directory holds everything; the names say what is what.
final class VirtualDisk {
    private enum Change {
        case link(name: String, file: Int)
        case unlink(name: String)
        case rename(name: String, to: String, file: Int)
    }

    private var files: [Int: VirtualFile] = [:]
    private var nextFile = 0
    /// As the process sees them, ascending by name.
    private var names: [(name: String, file: Int)] = []
    private var syncedNames: [(name: String, file: Int)] = []
    private var changes: [Change] = []

    /// No more space can be had: files neither grow nor begin.
    var isFull = false
    /// The next sync fails.
    var failsNextSync = false
    /// How much slower than usual.
    var slowness: Int64 = 1

    func list() -> [String] { names.map(\.name) }

    func exists(_ name: String) -> Bool { file(name) != nil }

    func size(of name: String) -> Int { file(name).map { files[$0]?.size ?? 0 } ?? 0 }

    func read(_ name: String) -> Bytes? { file(name).flatMap { id in files[id].map { $0.read($0.size, at: 0) } } }

    func read(_ name: String, _ count: Int, at offset: Int) -> Bytes { file(name).flatMap { files[$0] }?.read(count, at: offset) ?? Bytes() }

    /// An empty file; one that has the name already is emptied.
    func create(_ name: String) throws(Stop) {
        guard !isFull else { throw .diskFull }
        remove(name)
        files[nextFile] = VirtualFile()
        link(name, nextFile)
        nextFile += 1
    }

    func write(_ bytes: RawSpan, to name: String, at offset: Int) throws(Stop) {
        guard let id = file(name) else { throw .failure("\(name): no such file") }
        guard !isFull || offset + bytes.byteCount <= files[id]?.size ?? 0 else { throw .diskFull }
        files[id]?.write(bytes, at: offset)
    }

    func resize(_ name: String, to size: Int) throws(Stop) {
        guard let id = file(name) else { throw .failure("\(name): no such file") }
        guard !isFull || size <= files[id]?.size ?? 0 else { throw .diskFull }
        files[id]?.resize(to: size)
    }

    func zero(_ name: String, from offset: Int) throws(Stop) {
        guard let id = file(name) else { throw .failure("\(name): no such file") }
        files[id]?.zero(from: offset)
    }

    /// After a failure nobody knows what of the file is on the platter.
    func sync(_ name: String) throws(Stop) {
        guard let id = file(name) else { throw .failure("\(name): no such file") }
        if failsNextSync {
            failsNextSync = false
            throw .failure("sync \(name): input/output error")
        }
        files[id]?.sync()
    }

    func rename(_ name: String, to newName: String) throws(Stop) {
        guard let id = file(name) else { throw .failure("\(name): no such file") }
        rename(name, to: newName, id)
        changes.append(.rename(name: name, to: newName, file: id))
    }

    func remove(_ name: String) { if exists(name) { unlink(name) } }

    func syncNames() {
        syncedNames = names
        changes.removeAll(keepingCapacity: true)
        drop()
    }

    func losePower(_ dice: inout Dice) {
        let kept = dice.below(changes.count + 1)
        names = syncedNames
        let journal = changes
        changes = []
        for change in journal.prefix(kept) {
            switch change {
            case .link(let name, let file): link(name, file)
            case .unlink(let name): unlink(name)
            case .rename(let name, let newName, let file): rename(name, to: newName, file)
            }
        }
        changes = []
        syncedNames = names
        for (_, file) in names { files[file]?.losePower(&dice) }
        drop()
        failsNextSync = false
    }

    /// Another bit where something was written: in `name`, at a place that `dice` chooses. False when there is nothing.
    func flipBit(in name: String, _ dice: inout Dice) -> Bool {
        guard let id = file(name), let written = files[id]?.writtenBytes, written > 0 else { return false }
        files[id]?.flipBit(at: dice.below(written), dice.below(8))
        return true
    }

    /// Everything is gone.
    func erase() {
        files.removeAll()
        names.removeAll()
        syncedNames.removeAll()
        changes.removeAll()
    }

    private func file(_ name: String) -> Int? {
        let place = position(name)
        return place < names.count && names[place].name == name ? names[place].file : nil
    }

    private func position(_ name: String) -> Int {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func link(_ name: String, _ file: Int) {
        names.insert((name, file), at: position(name))
        changes.append(.link(name: name, file: file))
    }

    private func unlink(_ name: String) {
        take(name)
        changes.append(.unlink(name: name))
    }

    private func rename(_ name: String, to newName: String, _ file: Int) {
        take(name)
        take(newName)
        names.insert((newName, file), at: position(newName))
    }

    private func take(_ name: String) {
        let place = position(name)
        guard place < names.count, names[place].name == name else { return }
        names.remove(at: place)
    }

    /// Contents that no name refers to any more, not even one that a power loss would bring back.
    private func drop() {
        guard changes.isEmpty, files.count > names.count else { return }
        var kept: [Int: VirtualFile] = [:]
        for (_, file) in names { kept[file] = files[file] }
        files = kept
    }
}
