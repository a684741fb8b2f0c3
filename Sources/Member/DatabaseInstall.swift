import Base
import Platform
import Replica
import Storage

/// Imports the database that came with a leader's snapshot into a store beside the present one, and gives it that one's name.
///
/// A crash on the way leaves the old store under its name and the received file: the next start imports it again
/// (`ReceivedDatabase`). Background thread.
final class DatabaseInstall {
    private var work: BoltImport
    private let temporary: String
    private let path: String
    private let mapBytes: Int
    /// Keeps the received file.
    private let file: SnapshotFile
    private let loader: DatabaseLoader

    init(_ file: SnapshotFile, index: LogIndex, _ loader: DatabaseLoader, directory: String, mapBytes: Int) throws(BackendError) {
        let received = ReceivedDatabase.path(in: directory, index: index)
        self.file = file
        self.loader = loader
        self.mapBytes = mapBytes
        path = directory + "/lmdb"
        // What an interrupted import leaves under such a name is removed at the next start.
        temporary = "\(directory)/tmp-install"
        work = try BoltImport(received, to: temporary, mapBytes: mapBytes)
    }

    func step() throws(BackendError) -> JobResult? {
        if try work.step() == .more { return nil }
        let engine = try Engine.open(temporary, inPlaceOf: path, mapBytes: mapBytes)
        do throws(RecoveryError) { return .installed(try loader.load(engine)) } catch { return .failed(error.description) }
    }
}

/// Databases received from leaders, kept until a newer snapshot makes them superfluous: `<hex16 of the index>.snap.db`.
enum ReceivedDatabase {
    static func path(in directory: String, index: LogIndex) -> String {
        let digits = index.rawValue.hex16
        return "\(directory)/\(digits).snap.db"
    }
}

extension UInt64 {
    fileprivate var hex16: String {
        let text = String(self, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
