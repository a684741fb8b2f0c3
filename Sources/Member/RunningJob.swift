import Base
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// A job of the background thread under way.
enum RunningJob {
    case none

    init(_ job: BackgroundWork.Job, writer: BackendWriter, directory: String) throws(BackendError) {
        self = .none
    }

    /// Whether to leave the disk to others for a moment between slices.
    var yieldsDisk: Bool { false }

    mutating func step(rows: Int) throws(BackendError) -> JobResult? {
        .failed("not there yet")
    }
}
