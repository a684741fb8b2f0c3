import Base
import Glibc
import Storage
import Testing
import Wire

@testable import MVCC

/// Random operations, by seed, on the store and on `NaiveStore`: every field of every response must be the same.
@Suite struct StoreModelTests {
    /// With STORE_TRANSCRIPT=file, leaves what `replay_transcript.py` plays to a real etcd. SEED chooses the run.
    @Test(.enabled(if: environment("STORE_TRANSCRIPT") != nil)) func `a run is written down for the real etcd`() throws {
        guard let path = environment("STORE_TRANSCRIPT"), let file = unsafe fopen(path, "w") else { return }
        let seed = environment("SEED").flatMap { UInt64($0) } ?? 1
        var run = try ModelRun(seed: seed)
        run.transcript = []
        for _ in 0..<1000 { try run.step() }
        for line in run.transcript ?? [] { _ = unsafe fputs(line + "\n", file) }
        _ = unsafe fclose(file)
    }

    @Test(arguments: 0..<60) func `the store answers as the naive model does`(seed: Int) throws {
        var run = try ModelRun(seed: UInt64(seed))
        for _ in 0..<300 { try run.step() }
    }
}

private func environment(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
