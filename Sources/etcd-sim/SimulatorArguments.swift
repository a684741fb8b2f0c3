import Base
import Simulation

/// What `etcd-sim run` is asked to do. Mistakes are told with what to write instead.
struct SimulatorArguments {
    var first: UInt64 = 1
    /// Nil: until told to stop.
    var last: UInt64?
    var duration = Interval.seconds(600)
    var profile: Profile.Kind?
    var founders: Int?
    var bug: String?
    /// Runs each seed twice and compares.
    var checksDeterminism = false
    var report: String?
    var isQuiet = false
    /// Lines of the history for each member, and for the world, and operations.
    var historyLines = 60
    /// Goes on after a seed that failed.
    var goesOn = false
    /// Stop after so much real time.
    var limit: Interval?

    struct Mistake: Error { var text: String }

    static let usage = """
        etcd-sim runs whole clusters in virtual time, with injected faults, and checks what they do.

        usage: etcd-sim run [flags]

          --seed N           run this seed alone; prints the history when a rule is broken
          --seeds A..B       run these seeds (without --seed and --seeds: from 1 on, until interrupted)
          --time 10m         virtual time with clients per seed (s, m or h; default 10m)
          --limit 5m         begin no seed after so much real time
          --profile NAME     \(Profile.Kind.allCases.map(\.rawValue).joined(separator: ", "))
          --members N        founding members, 1 to 7
          --bug NAME         switch a planted bug on (builds with -Xswiftc -DPLANTED_BUGS only)
          --twice            run each seed twice and compare the traces
          --history N        so many lines of each member's history, and of operations (default 60)
          --keep-going       go on after a seed that fails
          --json FILE        write a report
          --quiet            no progress line

        The exit status is 1 when a rule was broken, 2 for a mistake in the arguments.
        """

    init(_ arguments: [String]) throws(Mistake) {
        guard let command = arguments.first, command != "--help", command != "-h", command != "help" else { throw Mistake(text: "") }
        guard command == "run" else { throw Mistake(text: "unknown command \"\(command)\": write `etcd-sim run`") }
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let flag = parts.first ?? ""
            switch flag {
            case "--twice": checksDeterminism = true
            case "--keep-going": goesOn = true
            case "--quiet": isQuiet = true
            case "--help", "-h": throw Mistake(text: "")
            default:
                guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else { throw Mistake(text: "\(flag) needs a value") }
                try set(flag, value)
            }
        }
    }

    private mutating func set(_ flag: String, _ value: String) throws(Mistake) {
        switch flag {
        case "--seed":
            first = try Self.number(flag, value)
            last = first
        case "--seeds":
            let ends = value.split(separator: ".", omittingEmptySubsequences: true).map(String.init)
            guard ends.count == 2 else { throw Mistake(text: "--seeds \(value): write a range, as in --seeds 1..100") }
            first = try Self.number(flag, ends[0])
            last = try Self.number(flag, ends[1])
        case "--time": duration = try Self.interval(flag, value)
        case "--limit": limit = try Self.interval(flag, value)
        case "--profile":
            guard let kind = Profile.Kind(rawValue: value) else {
                throw Mistake(text: "--profile \(value): choose from \(Profile.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            profile = kind
        case "--members":
            guard let count = Int(value), (1...7).contains(count) else { throw Mistake(text: "--members \(value): write 1 to 7") }
            founders = count
        case "--bug": bug = value
        case "--history":
            guard let count = Int(value), count > 0 else { throw Mistake(text: "--history \(value): write a number of lines") }
            historyLines = count
        case "--json": report = value
        default: throw Mistake(text: "unknown flag \(flag); see `etcd-sim --help`")
        }
    }

    private static func number(_ flag: String, _ text: String) throws(Mistake) -> UInt64 {
        guard let number = UInt64(text) else { throw Mistake(text: "\(flag) \(text): write a whole number") }
        return number
    }

    private static func interval(_ flag: String, _ text: String) throws(Mistake) -> Interval {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count > 0 else {
            throw Mistake(text: "\(flag) \(text): write a time such as 90s, 10m or 1h")
        }
        return .seconds(count * unit)
    }

    func options(seed: UInt64) -> World.Options {
        var options = World.Options(seed: seed, duration: duration)
        options.profile = profile
        options.founders = founders
        return options
    }
}
