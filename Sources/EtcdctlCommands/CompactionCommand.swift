import Base
import Client
import CommandLine

enum CompactionCommand {
    static var command: Command {
        Command(
            "compaction [options] <revision>", "Compacts the event history in etcd",
            flags: [.bool("physical", "'true' to wait for compaction to physically remove all old revisions")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("compaction command needs 1 argument") }
            let revision: Int64
            do throws(GoTextError) { revision = try GoText.int(session.arguments[0], radix: 10) } catch {
                throw ExitError(ExitError.Status.error, "\(error)")
            }
            let client = try session.client()
            // Waiting for the disk may take any time.
            if session.bool("physical") { client.timeout = nil }
            try attempt { () throws(ClientError) in try client.compact(revision, physical: session.bool("physical")) }
            Terminal.print("compacted revision \(revision)\n")
        }
    }
}
