import Base
import Client
import CommandLine
import Glibc
import Wire

/// Prints what a watch yields and runs a program for each event.
final class WatchPrinter: WatchReceiver {
    private let output: Output
    private let program: [String]
    private let end: (ExitError) -> Void

    /// `end` is called when there is nothing more to come.
    init(_ output: Output, _ program: [String], end: @escaping (ExitError) -> Void) {
        self.output = output
        self.program = program
        self.end = end
    }

    func received(_ response: Etcdserverpb.WatchResponse) {
        do throws(ExitError) {
            if response.canceled {
                Terminal.error("watch was canceled (\(WatchCanceled(response).reason))\n")
            } else if response.events.isEmpty {
                Terminal.print("progress notify: \(response.header?.revision ?? 0)\n")
            }
            try print(response)
            try runProgram(response)
        } catch {
            return end(error)
        }
        if response.canceled { end(ExitError(ExitError.Status.interrupted, "watch is canceled by the server")) }
    }

    func failed(_ error: ClientError) {
        Terminal.error("watch was canceled (\(error))\n")
        end(ExitError(ExitError.Status.interrupted, "watch is canceled by the server"))
    }

    private func print(_ response: Etcdserverpb.WatchResponse) throws(ExitError) {
        try output.print(
            response, simple: { response.events.flatMap { self.simple($0) } },
            fields: { Output.fields(response.header) + response.events.map { self.fields($0) }.joined() }, json: { self.json(response) })
    }

    private func simple(_ event: Mvccpb.Event) -> [UInt8] {
        Array((event.type.description + "\n").utf8) + (event.prevKv.map { output.pair($0) } ?? []) + output.pair(event.kv ?? .init())
    }

    private func fields(_ event: Mvccpb.Event) -> String {
        "\"Type\" : \(event.type.description)\n" + (event.prevKv.map { Output.fields("Prev", $0) } ?? "") + Output.fields("", event.kv ?? .init())
    }

    private func json(_ response: Etcdserverpb.WatchResponse) -> [UInt8] {
        Output.json { json in
            json.open()
            json.field("Header", always: response.header ?? .init())
            json.name("Events")
            json.openList()
            for event in response.events { json.value(event) }
            json.closeList()
            json.field("CompactRevision", always: response.compactRevision)
            json.field("Canceled", always: response.canceled)
            json.field("Created", always: response.created)
            json.close()
        }
    }

    private func runProgram(_ response: Etcdserverpb.WatchResponse) throws(ExitError) {
        guard !program.isEmpty else { return }
        for event in response.events {
            let variables = [
                "ETCD_WATCH_REVISION=\(response.header?.revision ?? 0)", "ETCD_WATCH_EVENT_TYPE=\(GoText.quote(event.type.description))",
                "ETCD_WATCH_KEY=\(GoText.quote(event.kv?.key ?? []))", "ETCD_WATCH_VALUE=\(GoText.quote(event.kv?.value ?? []))",
            ]
            guard let problem = Subprocess.run(program, environment: variables) else { continue }
            let name = program.map { GoText.quote($0) }.joined(separator: " ")
            Terminal.error("command [\(name)] error (\(problem))\n")
            throw .status(ExitError.Status.error)
        }
    }
}
