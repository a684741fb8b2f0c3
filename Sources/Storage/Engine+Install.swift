import Base
import CSystem
import Glibc

/// A database that came from elsewhere takes the place of the present one.
extension Engine {
    /// Gives the complete and durable store at `temporary` the name `path`. A store that is open under that name goes on for
    /// those who have it open, without a name; unlike after a defragmentation its readers stay with what they have, which is
    /// other data. Durable on return: after a crash there is one store or the other.
    package static func open(_ temporary: String, inPlaceOf path: String, mapBytes: Int) throws(BackendError) -> Engine {
        let environment = try LMDBEnvironment(path: temporary, mapBytes: mapBytes, besideBolt: true, shownAs: path)
        // The reader table of its own keeps the two files apart until the old one is closed.
        guard unsafe rename(temporary + "-lock", path + "-lock") == 0, unsafe rename(temporary, path) == 0 else {
            throw .system(path: path, operation: "replacing", reason: unsafe String(cString: strerror(csystem_errno())))
        }
        try environment.sync()
        return .lmdb(LMDBStore(environment))
    }
}
