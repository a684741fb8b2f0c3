import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Synchronization
import Wire

/// A database that came from the leader and has taken the old one's name, loaded and ready to be taken over. Made by the
/// background thread, so that the replica need not stand still while a large one is read.
package final class InstalledDatabase: Sendable {
    package let engine: Engine
    private let state: Mutex<Replica.State?>

    init(_ engine: Engine, _ state: consuming sending Replica.State) {
        self.engine = engine
        self.state = Mutex(.some(state))
    }

    /// Nil the second time.
    func take() -> sending Replica.State? { state.withLock { state in state.take() } }
}

/// How a database is to be loaded.
package struct DatabaseLoader: Sendable {
    let configuration: ReplicaConfiguration
    let hashSeed: UInt64
    let now: Instant

    /// The background thread's part of an installation, once the new database has its name.
    package func load(_ engine: Engine) throws(RecoveryError) -> InstalledDatabase {
        let backend: Backend
        do throws(BackendError) { backend = try Backend(engine) } catch { throw RecoveryError("\(error)") }
        let state = try Replica.State(configuration, consuming: backend, hashSeed: hashSeed, now: now)
        engine.trimResident()
        return InstalledDatabase(engine, state)
    }
}
