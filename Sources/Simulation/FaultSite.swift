/// Where a member may end: named by position, counted for coverage. A site lies between two effects that reach the outside
/// (a write, a sync, a name, a message, an answer); the process may be killed there or its machine may lose power.
package enum FaultSite: Int, CaseIterable, Sendable {
    // The replica's thread.
    case turnBeforeEffects, turnAfterMessages, turnAfterLog, turnAfterBackground
    // The log thread.
    case walBeforeWrite, walBeforeSync, walAfterSync, walAfterHeldMessages
    case cutBeforeTruncate, cutAfterTruncate, cutBeforeRename, cutAfterRename
    case snapshotBeforeFile, snapshotAfterTemporaryFile, snapshotAfterSnapFile, snapshotAfterRecord, snapshotAfterPurge
    // The background thread.
    case commitBefore, commitAfter, commitAfterSync, jobSlice, jobAfterLastSlice
    case installBefore, installAfterImport, installAfterSwap
    // The start.
    case startAfterRepair, startAfterZeroing, startAfterCreation

    package var name: String { "\(self)" }
}

/// How a member ends.
package enum Stop: Error, Equatable {
    /// Killed, or without power, at a fault site.
    case crash
    /// No space left on the device.
    case diskFull
    /// By its own decision: the text says why.
    case failure(String)
}
