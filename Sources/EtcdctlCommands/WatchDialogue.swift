import Base
import Client
import CommandLine
import Platform

/// `watch -i`: a line begins a watch, or asks how far all have come; events are printed as they come.
final class WatchDialogue: EventHandler {
    private let client: EtcdClient
    private let output: Output
    private var held: [UInt8] = []
    private var watchers: [WatchStream.Watcher] = []
    private var error: ExitError?
    private var registration = EventLoop.Registration.none

    init(_ client: EtcdClient, _ output: Output) {
        self.client = client
        self.output = output
    }

    /// Until the end of the input, which is a mistake.
    func run() throws(ExitError) {
        // A plain file can't be waited for, and needs not: it always has its next piece ready.
        if let made = try? client.loop.register(0, .readable, self) {
            registration = made
            while error == nil { client.loop.turn() }
            client.loop.unregister(registration, 0)
        } else {
            while error == nil { ready(.readable) }
        }
        if let error { throw error }
    }

    func ready(_ readiness: Readiness) {
        let piece = Terminal.readPiece()
        guard !piece.isEmpty else {
            error = error ?? .input("error reading watch request line: EOF")
            return
        }
        held += piece
        while error == nil, let end = held.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: held[..<end], as: UTF8.self)
            held.removeSubrange(...end)
            do throws(ExitError) { try obey(line) } catch { self.error = error }
        }
    }

    private func obey(_ line: String) throws(ExitError) {
        let words = Words.split(line)
        guard let first = words.first else { return Terminal.error("Invalid command: \(line) (watch and progress supported)\n") }
        switch first {
        case "progress":
            client.watchStream.requestProgress()
        case "watch":
            guard words.count > 1 else { return Terminal.error("Invalid command \(line) (command type or key is not provided)\n") }
            try watch(line, Array(words.dropFirst()))
        default: Terminal.error("Invalid command \(line) (only support watch)\n")
        }
    }

    private func watch(_ line: String, _ words: [String]) throws(ExitError) {
        // Its own flags alone, not those of the whole tool.
        let command = Command("watch", "", flags: WatchCommand.flags) { _ throws(ExitError) in }
        let invocation: Invocation
        do throws(CommandMistake) { invocation = Invocation(try command.parse(words)) } catch { throw .arguments(error.text) }
        let target: WatchTarget
        do throws(ExitError) { target = try WatchTarget(invocation) } catch {
            return Terminal.error("Invalid command \(line) (\(error.message))\n")
        }
        let printer = WatchPrinter(output, target.program) { [weak self] end in self?.error = end }
        watchers.append(client.startWatch(target, printer))
    }
}
