/// What can go wrong in a run; the names appear in reports.
package enum FaultKind: Int, CaseIterable, Sendable {
    case messageDropped, messageDuplicated, messageDelayed, partition, oneWayPartition, isolation, brokenClientLink
    case snapshotTransferFailed, callFailed
    case kill, powerLoss, crashAtSite, pause, clockJump, clockDrift
    case slowDisk, fullDisk, lowDisk, failedSync, bitFlip
    case memberAdded, memberPromoted, memberRemoved, memberReplaced, leaderMoved

    package var name: String { "\(self)" }
}
