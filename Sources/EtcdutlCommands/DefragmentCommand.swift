import Base
import CommandLine
import Platform
import Storage

/// `etcdutl defrag`: gives free room in a stopped member's database back to the file system.
enum DefragmentCommand {
    static let command = Command(
        "defrag", "Defragments the storage of the etcd",
        flags: [CommandFlag("data-dir", nil, .string, "", "Required. Defragments a data directory not in use by etcd.", isRequired: true)]
    ) { input in
        EtcdutlProgram.reporting { () throws(ToolError) in
            _ = try OutputFormat(input)
            try defragment(input.flags.text("data-dir"))
        }
    }

    private static func defragment(_ path: String) throws(ToolError) {
        do {
            let database = "\(path)/member/snap/lmdb"
            guard try Files.kind(database) == .file else {
                if try Files.kind("\(path)/member/snap/db") == .file {
                    throw ToolError("\(path) is the data directory of a Go etcd; use the etcdutl that came with it")
                }
                throw ToolError("there is no database \(database): \(path) is not the data directory of a member")
            }
            // Held to the end: a member that runs holds it, and none can start meanwhile.
            let directory = try DataDirectory.open(path)
            let before = try FileDescriptor(database).size()
            EtcdutlProgram.logger.info(
                "defragmenting",
                [
                    "path": .string(database), "current-db-size-bytes": .int(Int64(before)),
                    "current-db-size": .string(GoText.size(UInt64(clamping: before))),
                ])
            let began = Clock.now
            let writer = try Backend(try Engine.open(path: database, mapBytes: before * 2 + (1 << 30))).makeWriter()
            try writer.defragment()
            let after = try FileDescriptor(database).size()
            EtcdutlProgram.logger.info(
                "finished defragmenting directory",
                [
                    "path": .string(database), "current-db-size-bytes-diff": .int(Int64(after - before)),
                    "current-db-size-bytes": .int(Int64(after)), "current-db-size": .string(GoText.size(UInt64(clamping: after))),
                    "took": .interval(Clock.now - began),
                ])
            withExtendedLifetime(directory) {}
        } catch let error as ToolError {
            throw error
        } catch {
            throw ToolError("\(error)")
        }
    }
}
