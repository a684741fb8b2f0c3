import Base
import Client
import CommandLine
import Glibc
import Platform
import Storage

/// Downloads a snapshot beside its final name and renames it when all of it is there, checked and durable.
enum SnapshotSave {
    static var command: Command {
        Command("save <filename>", "Stores an etcd node backend snapshot to a given file") {
            invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.count == 1 else { throw .arguments("snapshot save expects one argument") }
            let client = try session.client()
            guard session.endpoints.count == 1 else {
                let names = session.endpoints.map(\.text).joined(separator: " ")
                throw ExitError(
                    ExitError.Status.interrupted, "snapshot must be requested to one selected node, not multiple [\(names)]")
            }
            let path = session.arguments[0]
            do throws(SaveError) { try save(path, client, session) } catch {
                throw ExitError(ExitError.Status.interrupted, error.text)
            }
            Terminal.print("Snapshot saved at \(path)\n")
        }
    }

    private struct SaveError: Error { let text: String }

    /// The file as it grows.
    private final class Part {
        let file: FileDescriptor
        var size = 0
        var failure: FileError?
        /// Of everything but the last 32 bytes, which are kept back: they are the sum.
        var sum: SHA256? = SHA256()
        var tail: [UInt8] = []

        init(_ path: String) throws(FileError) { file = try FileDescriptor(path, [.write, .create, .truncate]) }

        func append(_ bytes: [UInt8]) {
            guard failure == nil, !bytes.isEmpty else { return }
            do throws(FileError) { try unsafe file.write(bytes.span.bytes, at: size) } catch { failure = error }
            size += bytes.count
            tail += bytes
            let ready = tail.count - SHA256.byteCount
            guard ready > 0 else { return }
            unsafe sum?.update(tail.span.extracting(0..<ready).bytes)
            tail.removeFirst(ready)
        }
    }

    private static func save(_ path: String, _ client: EtcdClient, _ session: Session) throws(SaveError) {
        let partPath = path + ".part"
        let part: Part
        do throws(FileError) { part = try Part(partPath) } catch {
            throw SaveError(text: "could not open \(partPath) (open \(partPath): \(error.reason.lowercased()))")
        }
        // Whoever is ended by a person leaves nothing behind either.
        Signals.block()
        let signals = try? Signals(client.loop) { number in
            try? Files.remove(partPath)
            Glibc.exit(128 + number)
        }
        defer { signals?.cancel() }
        let logger = session.logger
        let endpoint = session.endpoints[0].text
        logger.info("created temporary db file", ["path": .string(partPath)])
        let begun = Clock.now
        do throws(SaveError) {
            try download(part, client, logger, endpoint)
            let took = ago(Clock.now - begun)
            logger.info(
                "fetched snapshot",
                ["endpoint": .string(endpoint), "size": .string(GoText.size(UInt64(part.size))), "took": .string(took)])
            try publish(part, partPath, path)
        } catch {
            try? Files.remove(partPath)
            throw error
        }
        logger.info("saved", ["path": .string(path)])
    }

    private static func download(_ part: Part, _ client: EtcdClient, _ logger: Logger, _ endpoint: String) throws(SaveError) {
        var bar = ProgressBar("downloading")
        var hasBegun = false
        var total = 0
        do throws(ClientError) {
            try client.snapshot { bytes, remaining in
                if !hasBegun {
                    hasBegun = true
                    logger.info("opened snapshot stream; downloading", ["logger": "client"])
                    logger.info("fetching snapshot", ["endpoint": .string(endpoint)])
                    total = bytes.count + Int(clamping: remaining)
                }
                part.append(bytes)
                bar.update(part.size, of: total) { GoText.size(UInt64($0)) }
                return part.failure == nil
            }
        } catch {
            bar.interrupt()
            if let failure = part.failure {
                let reason = failure.reason.prefix(1).lowercased() + failure.reason.dropFirst()
                throw SaveError(text: "could not write snapshot (write \(failure.path): \(reason))")
            }
            throw SaveError(text: error.description)
        }
        bar.finish(part.size, of: total) { GoText.size(UInt64($0)) }
        logger.info("completed snapshot read; closing", ["logger": "client"])
    }

    private static func publish(_ part: Part, _ partPath: String, _ path: String) throws(SaveError) {
        // A database is whole sectors; the sum after it is what tells that nothing is missing.
        guard part.size % 512 == SHA256.byteCount else {
            throw SaveError(text: "sha256 checksum not found [bytes: \(part.size)]; the download is not complete, try again")
        }
        guard let sum = part.sum.take()?.finalize(), sum == part.tail else {
            throw SaveError(text: "sha256 checksum of the download is wrong [bytes: \(part.size)]; it was damaged on its way, try again")
        }
        do throws(FileError) {
            try part.file.sync()
            try Files.rename(partPath, to: path)
            try Files.syncDirectory(Files.directory(of: path))
        } catch {
            throw SaveError(text: "could not rename \(partPath) to \(path) (\(error.reason))")
        }
    }

    /// As go-humanize tells a time that has passed.
    private static func ago(_ interval: Interval) -> String {
        let seconds = interval.milliseconds / 1000
        switch seconds {
        case 0: return "now"
        case 1: return "1 second ago"
        case 2..<60: return "\(seconds) seconds ago"
        case 60..<120: return "1 minute ago"
        case 120..<3600: return "\(seconds / 60) minutes ago"
        case 3600..<7200: return "1 hour ago"
        default: return "\(seconds / 3600) hours ago"
        }
    }
}
