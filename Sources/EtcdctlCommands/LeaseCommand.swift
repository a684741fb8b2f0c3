import Base
import Client
import CommandLine
import Wire

enum LeaseCommand {
    static var command: Command {
        Command(
            "lease <subcommand>", "Lease related commands",
            children: [LeaseGrant.command, LeaseRevoke.command, LeaseTimeToLive.command, LeaseList.command, LeaseKeepAlive.command])
    }

    /// An id as it is written: hexadecimal.
    static func id(_ text: String) throws(ExitError) -> Int64 {
        do throws(GoTextError) { return try GoText.int(text, radix: 16) } catch {
            throw .arguments("bad lease ID arg (\(error)), expecting ID in Hex")
        }
    }

    static func hex(_ id: Int64) -> String { GoText.hex(UInt64(bitPattern: id), width: 16) }
}
