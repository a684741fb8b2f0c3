import Base

/// What members' hashes say about whose data is damaged (etcd's corruption checks). Pure; time and messages are the caller's.
package enum HashComparison {
    package struct Answer: Sendable, Equatable {
        package var member: MemberID
        /// Nil: it did not answer, or does not have the revision.
        package var report: HashReport?

        package init(member: MemberID, report: HashReport?) {
            self.member = member
            self.report = report
        }
    }

    /// Members for which the alarm is to be raised; zero stands for "it is not clear whose".
    package struct Verdict: Sendable, Equatable {
        package var corrupt: [MemberID]
        /// Every member was compared.
        package var isComplete: Bool

        package init(corrupt: [MemberID], isComplete: Bool) {
            self.corrupt = corrupt
            self.isComplete = isComplete
        }
    }

    /// The check before a member serves: how many members hold other data at the same revision.
    package static func mismatches(own: HashReport, _ answers: [Answer]) -> [MemberID] {
        answers.compactMap { answer in
            guard let report = answer.report, report.compactRevision == own.compactRevision, report.hash != own.hash else { return nil }
            return answer.member
        }
    }

    /// The leader's check now and then. `own` was hashed first, `again` after the answers, with everything applied that the leader
    /// knew committed then: where nothing was written meanwhile, both are of the same data. At most one member is named, as etcd
    /// does.
    package static func periodic(leader: MemberID, own: HashReport, again: HashReport, _ answers: [Answer]) -> Verdict {
        let checked = answers.filter { $0.report != nil }
        let isSameData = again.hashRevision == own.hashRevision && again.compactRevision == own.compactRevision
        if isSameData, again.hash != own.hash { return Verdict(corrupt: [leader], isComplete: checked.count == answers.count) }
        for answer in checked {
            guard let report = answer.report else { continue }
            let isAhead = report.revision > again.hashRevision || report.compactRevision > again.compactRevision
            let differs = report.compactRevision == own.compactRevision && report.hash != own.hash
            if isAhead || differs { return Verdict(corrupt: [answer.member], isComplete: checked.count == answers.count) }
        }
        return Verdict(corrupt: [], isComplete: checked.count == answers.count)
    }

    /// The hashes of one compaction. A majority that agrees is right; without one it is not clear who is.
    package static func compaction(leader: MemberID, own: HashReport, _ answers: [Answer]) -> Verdict {
        var holders: [UInt32: [MemberID]] = [own.hash: [leader]]
        var compared = 0
        for answer in answers {
            guard let report = answer.report, report.compactRevision == own.compactRevision else { continue }
            compared += 1
            holders[report.hash, default: []].append(answer.member)
        }
        let isComplete = compared == answers.count
        guard holders.count > 1 else { return Verdict(corrupt: [], isComplete: isComplete) }
        let quorum = (answers.count + 1) / 2 + 1
        guard let right = holders.first(where: { $0.value.count >= quorum })?.key else {
            return Verdict(corrupt: [.zero], isComplete: isComplete)
        }
        return Verdict(corrupt: holders.filter { $0.key != right }.flatMap(\.value).sorted(), isComplete: isComplete)
    }
}
