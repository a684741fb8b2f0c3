import Base
import Client
import CommandLine
import Platform

/// What the `check` commands have in common: flags, sizes of the work, what comes before and after it.
enum CheckSteps {
    /// `subject` names the check in help.
    static func flags(_ subject: String, prefix: String) -> [CommandFlag] {
        [
            .string(
                "load", default: "s", "The \(subject) check's workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge)"),
            .string("prefix", default: prefix, "The prefix for writing the \(subject) check's keys."),
            .bool("auto-compact", "Compact storage with last revision after test is finished."),
            .bool("auto-defrag", "Defragment storage after test is finished."),
        ]
    }

    /// Which of a check's sizes `--load` names.
    static func load<Load>(_ session: Session, small: Load, medium: Load, large: Load, extraLarge: Load) throws(ExitError) -> Load {
        switch session.text("load") {
        case "s", "small": return small
        case "m", "medium": return medium
        case "l", "large": return large
        case "xl", "xLarge": return extraLarge
        case let other: throw .feature("unknown load option \(other)")
        }
    }

    /// `remedy` is put into the sentence as each check writes it.
    static func refuseUsedPrefix(_ prefix: String, _ client: EtcdClient, remedy: String) throws(ExitError) {
        var options = GetOptions()
        options.limit = 1
        let found = try attempt { () throws(ClientError) in try client.get(.prefix(Array(prefix.utf8)), options) }
        guard found.keyValues.isEmpty else {
            throw .input("prefix \(GoText.quote(prefix)) has keys. Delete with \(remedy) first")
        }
    }

    /// Turns the client's loop with a bar of `total` steps until `work` says nil, showing five times a second how many it says.
    static func run(_ client: EtcdClient, total: Int, _ work: (Instant) -> (done: Int, turnUntil: Instant)?) {
        let begun = Clock.now
        var bar = CountBar(total: total, now: begun)
        Terminal.print(bar.line(now: begun))
        var shownAt = begun
        while let (done, limit) = work(Clock.now) {
            let now = Clock.now
            bar.set(done, now: now)
            if now - shownAt >= .milliseconds(200) {
                shownAt = now
                Terminal.print(bar.line(now: now))
            }
            client.loop.turn(until: limit)
        }
        bar.set(total, now: Clock.now)
        Terminal.print(bar.line(now: Clock.now, isFinal: true) + "\n")
    }

    /// Deletes the keys, then compacts and defragments if that is wanted.
    static func cleanUp(_ prefix: String, _ session: Session, _ client: EtcdClient) throws(ExitError) {
        // Each of it may take any time.
        client.timeout = nil
        let deleted = try attempt { () throws(ClientError) in try client.delete(.prefix(Array(prefix.utf8))) }
        if session.bool("auto-compact") {
            let revision = deleted.header.revision
            Terminal.print("Compacting with revision \(revision)\n")
            try attempt { () throws(ClientError) in try client.compact(revision, physical: true) }
            Terminal.print("Compacted with revision \(revision)\n")
        }
        if session.bool("auto-defrag") {
            for endpoint in session.endpoints {
                Terminal.print("Defragmenting \(GoText.quote(endpoint.text))\n")
                try attempt { () throws(ClientError) in try client.defragment(endpoint) }
                Terminal.print("Defragmented \(GoText.quote(endpoint.text))\n")
            }
        }
    }
}
