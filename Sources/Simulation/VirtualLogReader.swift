import Base
import Storage

/// Reads a member's log at start from its `VirtualDisk`, as `WALRecovery` demands and in the order in which the real reader
/// does: the newest `.snap` file that the log confirms, a repaired end, a refusal where damage can't be an interrupted write.
struct VirtualLogReader {
    struct Found {
        var log: RecoveredLog
        /// Nil when the log begins at index 0.
        var snapshot: RaftSnapshot?
    }

    let disk: VirtualDisk
    let limits: WALLimits
    let passes: VirtualLog.Passes
    let notice: (String) -> Void

    var hasLog: Bool { disk.list().contains { WALSegmentName(fileName: $0) != nil } }

    func read() throws(Stop) -> Found {
        let candidates = disk.list().compactMap { SnapName(fileName: $0) }.sorted()
        for name in candidates.reversed() {
            let snapshot: RaftSnapshot
            do throws(SnapCodec.Failure) {
                snapshot = try SnapCodec.decode(disk.read(name.description) ?? Bytes(), named: name)
            } catch {
                notice("\(name) is put aside: \(error)")
                try disk.rename(name.description, to: "\(name).broken")
                disk.syncNames()
                continue
            }
            switch try read(from: WALSnapshot(index: snapshot.index, term: snapshot.term)) {
            case .success(let log): return Found(log: log, snapshot: snapshot)
            case .failure(let error):
                guard error.isAboutSnapshot else { throw .failure("\(error)") }
                notice("\(name) is passed over: \(error)")
            }
        }
        switch try read(from: WALSnapshot()) {
        case .success(let log): return Found(log: log, snapshot: nil)
        case .failure(let error): throw .failure("\(error)")
        }
    }

    private func read(from snapshot: WALSnapshot) throws(Stop) -> Result<RecoveredLog, WALError> {
        let names = disk.list().compactMap { WALSegmentName(fileName: $0) }
        var tears: [(String, Int)] = []
        let result = read(names, from: snapshot, &tears)
        for (name, offset) in tears {
            notice("\(name) is repaired at offset \(offset)")
            try disk.resize(name, to: offset)
            try disk.sync(name)
            disk.syncNames()
            try passes(.startAfterRepair)
        }
        return result
    }

    private func read(_ names: [WALSegmentName], from snapshot: WALSnapshot, _ tears: inout [(String, Int)]) -> Result<RecoveredLog, WALError> {
        do throws(WALError) {
            var recovery = try WALRecovery(segments: names, from: snapshot, limits: limits)
            for segment in recovery.segments {
                let name = segment.description
                let size = disk.size(of: name)
                var demand = recovery.begin(fileSize: size)
                while case .window(let from, let count) = demand {
                    demand = try recovery.read(disk.read(name, min(count, size - from), at: from))
                }
                if case .torn(_, let offset) = demand { tears.append((name, offset)) }
            }
            return .success(try recovery.finish())
        } catch {
            return .failure(error)
        }
    }
}

extension WALError {
    /// Another snapshot may do.
    var isAboutSnapshot: Bool {
        switch problem {
        case .snapshotNotFound, .snapshotMismatch: return true
        default: return false
        }
    }
}
