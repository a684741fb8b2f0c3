import Base
import Platform
import Replica
import Storage

/// Imports the database that came with a leader's snapshot into a store beside the present one, and gives it that one's name.
///
/// A crash on the way leaves the old store under its name and the received file: the next start imports it again
/// (`ReceivedDatabase`). Background thread, or whoever starts the member.
struct DatabaseInstall: ~Copyable {
    private var work: BoltImport
    private let temporary: String
    private let path: String
    private let mapBytes: Int

    /// `received`: a bbolt file.
    init(_ received: String, directory: String, mapBytes: Int) throws(BackendError) {
        self.mapBytes = mapBytes
        path = directory + "/lmdb"
        // What an interrupted import leaves under such a name is removed at the next start.
        temporary = "\(directory)/tmp-install"
        work = try BoltImport(received, to: temporary, mapBytes: mapBytes)
    }

    var entries: Int { work.entries }

    /// The new store, once it has its name.
    mutating func step() throws(BackendError) -> Engine? {
        if try work.step() == .more { return nil }
        return try Engine.open(temporary, inPlaceOf: path, mapBytes: mapBytes)
    }
}

/// An install as a job: copyable jobs share it.
final class InstallJob {
    private var install: DatabaseInstall
    /// Open for as long as it is read.
    private let file: SnapshotFile
    private let received: String
    private let loader: DatabaseLoader
    private let logger: Logger
    private var nextReport = Clock.now + .seconds(1)

    init(
        _ file: SnapshotFile, index: LogIndex, _ loader: DatabaseLoader, directory: String, mapBytes: Int, logger: Logger
    ) throws(BackendError) {
        self.file = file
        self.loader = loader
        self.logger = logger
        received = ReceivedDatabase.path(in: directory, index: index)
        install = try DatabaseInstall(received, directory: directory, mapBytes: mapBytes)
        logger.info("installing the leader's database", ["snapshot-index": .uint(index.rawValue), "size": .int(file.bytes)])
    }

    func step() throws(BackendError) -> JobResult? {
        if let engine = try install.step() {
            // The new store is durable under its name; as much again on the disk serves nobody.
            ReceivedDatabase.remove(received, logger)
            do throws(RecoveryError) { return .installed(try loader.load(engine)) } catch { return .failed(error.description) }
        }
        if Clock.now >= nextReport {
            nextReport = Clock.now + .seconds(1)
            logger.info("installing the leader's database", ["entries": .int(Int64(install.entries))])
        }
        return nil
    }
}

/// Databases received from leaders, kept until they are installed: `<hex16 of the index>.snap.db`.
enum ReceivedDatabase {
    static func remove(_ path: String, _ logger: Logger) {
        do throws(FileError) { try Files.remove(path) } catch {
            logger.warn("failed to remove an installed database file", ["path": .string(path), "error": .error(error)])
        }
    }

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
