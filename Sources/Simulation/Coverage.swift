/// What a run, or many, have met: how often each fault site was passed and was the end of a member, and how many faults of
/// each kind there were.
package struct Coverage: Sendable {
    package private(set) var passed = [Int](repeating: 0, count: FaultSite.allCases.count)
    package private(set) var ended = [Int](repeating: 0, count: FaultSite.allCases.count)
    package private(set) var faults = [Int](repeating: 0, count: FaultKind.allCases.count)
    package var snapshotsInstalled = 0
    package var elections = 0
    package var applied = 0
    package var requests = 0

    package init() {}

    mutating func pass(_ site: FaultSite) -> Int {
        passed[site.rawValue] += 1
        return passed[site.rawValue]
    }

    mutating func end(_ site: FaultSite) { ended[site.rawValue] += 1 }

    mutating func count(_ kind: FaultKind) { faults[kind.rawValue] += 1 }

    package mutating func add(_ other: Coverage) {
        for index in passed.indices {
            passed[index] += other.passed[index]
            ended[index] += other.ended[index]
        }
        for index in faults.indices { faults[index] += other.faults[index] }
        snapshotsInstalled += other.snapshotsInstalled
        elections += other.elections
        applied += other.applied
        requests += other.requests
    }

    package var faultsTotal: Int { faults.reduce(0, +) }
    /// Sites passed at least once, and sites at which a member ended.
    package var sitesPassed: Int { passed.count { $0 > 0 } }
    package var sitesEnded: Int { ended.count { $0 > 0 } }
}
