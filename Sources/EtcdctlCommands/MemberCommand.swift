import Base
import Client
import CommandLine
import Wire

enum MemberCommand {
    static var command: Command {
        Command(
            "member <subcommand>", "Membership related commands",
            children: [MemberAdd.command, MemberRemove.command, MemberUpdate.command, MemberList.command, MemberPromote.command])
    }

    /// An id as it is written: hexadecimal.
    static func id(_ text: String) throws(ExitError) -> UInt64 {
        do throws(GoTextError) { return try GoText.uint(text, radix: 16) } catch {
            throw .arguments("bad member ID arg (\(error)), expecting ID in Hex")
        }
    }

    /// As "%16x" prints it.
    static func padded(_ id: UInt64) -> String {
        let digits = GoText.hex(id)
        return String(repeating: " ", count: max(0, 16 - digits.count)) + digits
    }

    static func sentence(_ id: UInt64, _ what: String, _ header: Etcdserverpb.ResponseHeader?) -> [UInt8] {
        Array("Member \(padded(id)) \(what) cluster \(padded(header?.clusterID ?? 0))\n".utf8)
    }

    /// A list of peer URLs; refused here already, as etcd's client does.
    static func urls(_ text: String) throws(ExitError) -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for part in parts {
            do throws(TransportURLError) { _ = try TransportURL(part) } catch { throw ExitError(ExitError.Status.error, error.reason) }
        }
        return parts
    }
}
