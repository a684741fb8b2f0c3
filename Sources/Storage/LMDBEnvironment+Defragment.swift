import Base
import CLMDB
import CSystem
import Glibc

/// Giving unused pages back to the file system. The writer's thread copies what is in use to a new file and puts it in the
/// old one's place; readers go on in the old file until they renew, so nobody waits. Commits wait for as long as the copy
/// takes, behind the overlay.
extension LMDBEnvironment {
    /// A copy without unused pages, under this file's name. Only the writer's thread may call it, between transactions.
    /// After an error everything is as it was.
    func compacted() throws(BackendError) -> LMDBEnvironment {
        // Leftovers of this name are removed when the data directory is opened.
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let temporary = directory + "tmp-defragment"
        Self.remove(temporary)
        do throws(BackendError) {
            let code = unsafe mdb_env_copy2(environment, temporary, UInt32(MDB_CP_COMPACT))
            if code != 0 { throw failure(code, "copying") }
            // LMDB makes the copy readable by everybody.
            guard unsafe chmod(temporary, 0o600) == 0 else { throw LMDBFile.failure(temporary, "restricting access") }
            // The reader table of its own keeps the two files apart until the old one is closed.
            let copy = try LMDBEnvironment(path: temporary, mapBytes: mapBytes, shownAs: path)
            try copy.sync()
            // The file itself last: from then on there is no way back. `sync` makes its name durable.
            guard unsafe rename(temporary + "-lock", path + "-lock") == 0, unsafe rename(temporary, path) == 0 else {
                throw .system(path: path, operation: "replacing", reason: unsafe String(cString: strerror(csystem_errno())))
            }
            return copy
        } catch {
            Self.remove(temporary)
            throw error
        }
    }

    private static func remove(_ path: String) {
        _ = unsafe unlink(path)
        _ = unsafe unlink(path + "-lock")
    }
}

extension BackendWriter {
    /// Gives the space of deleted rows back to the file system, while readers go on reading. Needs room for a copy of what is
    /// in use. Between transactions; `Backend.renew` lets go of the old file.
    package func defragment() throws(BackendError) {
        switch engine {
        case .lmdb(let store): store.replace(by: try store.environment.compacted())
        case .memory: break
        }
    }
}
