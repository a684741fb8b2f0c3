import Base
import Client
import CommandLine
import Platform
import Wire

enum WatchCommand {
    static var command: Command {
        Command(
            "watch [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]", "Watches events stream on keys or prefixes",
            flags: flags
        ) { invocation throws(ExitError) in
            let session = Session(invocation, variables: [WatchTarget.keyVariable, WatchTarget.endVariable])
            if invocation.bool("interactive") {
                // The first client is made before the first line is read, so that a bad environment is told at once.
                let client = try session.client()
                try WatchDialogue(client, session.output).run()
                return
            }
            let target = try WatchTarget(invocation)
            let client = try session.client()
            var error: ExitError?
            let printer = WatchPrinter(session.output, target.program) { error = $0 }
            let watcher = client.startWatch(target, printer)
            while error == nil { client.loop.turn() }
            _ = watcher
            if let error { throw error }
        }
    }

    static let flags: [CommandFlag] = [
        .bool("interactive", "i", "Interactive mode"),
        .bool("prefix", "Watch on a prefix if prefix is set"),
        .int("rev", "Revision to start watching"),
        .bool("prev-kv", "get the previous key-value pair before the event happens"),
        .bool("progress-notify", "get periodic watch progress notification from server"),
    ]
}

extension EtcdClient {
    func startWatch(_ target: WatchTarget, _ receiver: any WatchReceiver) -> WatchStream.Watcher {
        watchStream.watch(target.options.request(target.range), receiver)
    }
}

/// What is to be watched, and which program is to be run for each event.
struct WatchTarget {
    let range: KeyRange
    let options: WatchOptions
    let program: [String]

    static let keyVariable = "ETCDCTL_WATCH_KEY"
    static let endVariable = "ETCDCTL_WATCH_RANGE_END"

    private static func value(of variable: String) -> String { ProcessEnvironment.all.last { $0.name == variable }?.value ?? "" }

    /// The key comes from the arguments or from ETCDCTL_WATCH_KEY, not from both.
    init(_ invocation: Invocation) throws(ExitError) {
        var words = invocation.arguments
        var program: [String] = []
        if let dash = invocation.argumentsBeforeDash {
            program = Array(words[dash...])
            words = Array(words[..<dash])
        }
        let key = WatchTarget.value(of: WatchTarget.keyVariable)
        let end = WatchTarget.value(of: WatchTarget.endVariable)
        if key.isEmpty, !end.isEmpty {
            throw .arguments("\(WatchTarget.keyVariable) is empty but got \(WatchTarget.endVariable)=\(GoText.quote(end))")
        }
        if !key.isEmpty {
            guard words.isEmpty else { throw .arguments("bad number of arguments (found conflicting environment key)") }
            words = [key] + (end.isEmpty ? [] : [end])
        }
        guard let first = words.first else { throw .arguments("bad number of arguments") }
        if invocation.argumentsBeforeDash != nil, program.isEmpty {
            throw .arguments("bad number of arguments (found separator --, but no commands)")
        }
        let prefix = invocation.bool("prefix")
        if words.count > 1, prefix { throw .arguments("`range_end` and `--prefix` are mutually exclusive") }
        let bytes = Array(first.utf8)
        range = words.count > 1 ? .range(bytes, Array(words[1].utf8)) : prefix ? .prefix(bytes) : .key(bytes)
        var options = WatchOptions()
        options.revision = invocation.int("rev")
        options.previousKeyValue = invocation.bool("prev-kv")
        options.progressNotify = invocation.bool("progress-notify")
        self.options = options
        self.program = program
    }
}
