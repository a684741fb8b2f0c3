import Base
import Glibc
import Platform
import Simulation
#if PLANTED_BUGS
    import Synchronization
#endif

/// `etcd-sim`: seed after seed, a progress line, and the whole story of the first that fails.
struct SimulatorProgram {
    let arguments: [String]
    private var coverage = Coverage()
    private var seeds = 0
    private var events = 0
    private var failed: [Run] = []
    private let began = Clock.now
    private var nextProgress = Clock.now

    init(_ arguments: [String]) { self.arguments = arguments }

    mutating func run() -> Never {
        let wanted: SimulatorArguments
        do throws(SimulatorArguments.Mistake) { wanted = try SimulatorArguments(arguments) } catch {
            if error.text.isEmpty {
                print(SimulatorArguments.usage)
                exit(0)
            }
            complain(error.text)
            exit(2)
        }
        if let bug = wanted.bug { plant(bug) }
        var seed = wanted.first
        while seed <= wanted.last ?? .max {
            if let limit = wanted.limit, Clock.now - began > limit { break }
            let run = Run(wanted.options(seed: seed))
            note(run)
            if wanted.checksDeterminism { compare(run, wanted) }
            if !run.violations.isEmpty {
                report(run, wanted)
                failed.append(run)
                if !wanted.goesOn { break }
            }
            if !wanted.isQuiet { progress(isLast: false) }
            seed += 1
        }
        if !wanted.isQuiet { progress(isLast: true) }
        if let path = wanted.report { writeReport(path) }
        exit(failed.isEmpty ? 0 : 1)
    }

    private mutating func note(_ run: Run) {
        seeds += 1
        events += run.events
        coverage.add(run.coverage)
    }

    private func plant(_ name: String) {
        #if PLANTED_BUGS
            guard let bug = PlantedBug(name: name) else {
                complain("--bug \(name): choose from \(PlantedBug.allCases.map { "\($0)" }.joined(separator: ", "))")
                exit(2)
            }
            PlantedBug.active.store(bug.rawValue, ordering: .relaxed)
        #else
            complain("--bug \(name): this build holds no bugs; build with `-Xswiftc -DPLANTED_BUGS`")
            exit(2)
        #endif
    }

    private func compare(_ run: Run, _ wanted: SimulatorArguments) {
        let again = Run(wanted.options(seed: run.seed))
        guard again.traceHash != run.traceHash || again.events != run.events else { return }
        complain("seed \(run.seed) does not repeat: \(run.events) events, trace \(hex(run.traceHash)); then \(again.events), \(hex(again.traceHash))")
        exit(1)
    }

    // MARK: What people see

    /// The failing seed once more, with its history.
    private func report(_ run: Run, _ wanted: SimulatorArguments) {
        var options = wanted.options(seed: run.seed)
        options.historyLines = wanted.historyLines
        let again = Run(options)
        print("\nseed \(run.seed) (\(run.profile.rawValue)), \(run.members) members, failed at \(run.length.seconds) s of virtual time")
        print(again.history ?? "")
        let flags = [
            wanted.profile.map { " --profile \($0.rawValue)" }, wanted.founders.map { " --members \($0)" }, wanted.bug.map { " --bug \($0)" },
        ].compactMap { $0 }.joined()
        print("repeat it with: etcd-sim run --seed \(run.seed) --time \(wanted.duration.nanoseconds / 1_000_000_000)s\(flags)")
    }

    private mutating func progress(isLast: Bool) {
        guard isLast || Clock.now >= nextProgress else { return }
        nextProgress = Clock.now + .seconds(1)
        let seconds = max(0.001, (Clock.now - began).seconds)
        let sites = FaultSite.allCases.count
        let kinds = FaultKind.allCases.filter { coverage.faults[$0.rawValue] > 0 }
            .map { "\($0.name) \(coverage.faults[$0.rawValue])" }.joined(separator: ", ")
        let line =
            "\(seeds) seeds, \(failed.count) failed, \(Int(seconds)) s, \(Int(Double(events) / seconds)) events/s, "
            + "\(coverage.faultsTotal) faults, sites passed \(coverage.sitesPassed)/\(sites), ended at \(coverage.sitesEnded)/\(sites)"
        if isLast {
            print("\(isatty(1) == 1 ? "\r" : "")\(line)")
            print("faults: \(kinds)")
            print("snapshots received \(coverage.snapshotsInstalled), entries applied \(coverage.applied), requests \(coverage.requests)")
        } else if isatty(1) == 1 {
            print("\r\(line)", terminator: "")
            fflush(nil)
        }
    }

    private func complain(_ text: String) {
        let line = Array("etcd-sim: \(text)\n".utf8)
        _ = unsafe line.withUnsafeBytes { bytes in unsafe write(2, bytes.baseAddress, bytes.count) }
    }

    private func hex(_ number: UInt64) -> String { String(number, radix: 16) }

    // MARK: The report

    private func writeReport(_ path: String) {
        var text = "{\"seeds\":\(seeds),\"events\":\(events),\"seconds\":\((Clock.now - began).seconds),\"failed\":["
        text += failed.map { run in
            "{\"seed\":\(run.seed),\"profile\":\"\(run.profile.rawValue)\",\"violation\":\"\(escaped(run.violations.first?.description ?? ""))\"}"
        }.joined(separator: ",")
        text += "],\"faults\":{"
        text += FaultKind.allCases.map { "\"\($0.name)\":\(coverage.faults[$0.rawValue])" }.joined(separator: ",")
        text += "},\"sites\":{"
        text += FaultSite.allCases.map { site in
            "\"\(site.name)\":{\"passed\":\(coverage.passed[site.rawValue]),\"ended\":\(coverage.ended[site.rawValue])}"
        }.joined(separator: ",")
        text += "},\"snapshotsReceived\":\(coverage.snapshotsInstalled),\"entriesApplied\":\(coverage.applied),\"requests\":\(coverage.requests)}\n"
        guard let file = unsafe fopen(path, "w") else { return complain("cannot write \(path)") }
        _ = unsafe fputs(text, file)
        unsafe fclose(file)
    }

    private func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }
}
