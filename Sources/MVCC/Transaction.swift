import Base

/// A write transaction under way: all its changes have one main revision and are numbered from 0.
struct Transaction {
    let main: Int64
    private(set) var changeCount: Int64 = 0

    init(after current: Int64) { main = current + 1 }

    var hasChanges: Bool { changeCount > 0 }
    /// What reads inside the transaction see, and what is current after it.
    var visible: Int64 { hasChanges ? main : main - 1 }

    mutating func nextRevision() -> Revision {
        defer { changeCount += 1 }
        return Revision(main: main, sub: changeCount)
    }
}
