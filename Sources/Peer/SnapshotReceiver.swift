import Base
import HTTP
import Platform
import Raft

/// Takes in one database (formats.md §7.4): the message, then the file, written as it comes and made durable on a thread of its
/// own, so that a slow disk does not silence the links. Loop's thread but for that.
final class SnapshotReceiver {
    /// What the request is answered with when it can't go on.
    struct Refusal: Error {
        var status: Int
        var text: String
    }

    /// The outcome of making the file durable, posted back to the loop.
    struct Saved: Sendable {
        var stream: StreamHandle
        var failure: String?
    }

    private final class File: Sendable {
        let descriptor: FileDescriptor
        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    let sender: MemberID
    private let directory: String
    private let temporary: String
    private var decoder: SnapshotBodyCodec.Decoder
    private(set) var message: Message?
    private var file: File?
    private(set) var bytes = 0
    let started = Clock.now

    init(sender: MemberID, directory: String, number: UInt64, limits: PeerCodecLimits) {
        self.sender = sender
        self.directory = directory
        temporary = "\(directory)/tmp-received-\(number)"
        decoder = SnapshotBodyCodec.Decoder(limits: limits)
    }

    deinit { if file != nil { try? Files.remove(temporary) } }

    /// Where the database ends up.
    var path: String {
        let digits = (message?.snapshot?.metadata.index ?? .zero).hex
        return "\(directory)/\(String(repeating: "0", count: 16 - digits.count))\(digits).snap.db"
    }

    /// `check` looks at the message before anything is written for it.
    func receive(_ piece: RawSpan, check: (Message) throws(Refusal) -> Void) throws(Refusal) {
        var position = 0
        if message == nil {
            let decoded: Message?
            do throws(PeerCodecError) { decoded = try decoder.receive(piece, &position) } catch {
                let isTooLong = if case .tooLong = error { true } else { false }
                let text = isTooLong ? "rafthttp: error limit exceeded" : error.description
                throw Refusal(status: 400, text: "failed to decode raft message (\(text))")
            }
            guard let decoded else { return }
            guard decoded.kind == .snapshot else { throw Refusal(status: 400, text: "wrong raft message type") }
            try check(decoded)
            message = decoded
            do throws(FileError) {
                file = File(try FileDescriptor(temporary, [.write, .create, .truncate]))
            } catch { throw SnapshotReceiver.saveFailed("\(error)") }
        }
        guard let file, position < piece.byteCount else { return }
        do throws(FileError) {
            try file.descriptor.write(piece._extracting(unchecked: position, count: piece.byteCount - position), at: bytes)
        } catch { throw SnapshotReceiver.saveFailed("\(error)") }
        bytes += piece.byteCount - position
    }

    static func saveFailed(_ reason: String) -> Refusal { Refusal(status: 500, text: "failed to save KV snapshot (\(reason))") }

    /// The body is complete: makes the file durable under its name, and posts what came of it.
    func save(_ stream: StreamHandle, _ done: Mailbox<Saved>) throws(Refusal) {
        guard let file else { throw Refusal(status: 400, text: "failed to decode raft message (unexpected EOF)") }
        let temporary = self.temporary
        let path = self.path
        let directory = self.directory
        do throws(SystemError) {
            _ = try Thread.start(name: "peer-snapshot") {
                var failure: String?
                do throws(FileError) {
                    try file.descriptor.sync()
                    // One that is there already holds the same state, and may be in use.
                    if try Files.kind(path) == nil { try Files.rename(temporary, to: path) } else { try Files.remove(temporary) }
                    try Files.syncDirectory(directory)
                } catch {
                    failure = "\(error)"
                    try? Files.remove(temporary)
                }
                done.post(Saved(stream: stream, failure: failure))
            }
        } catch { throw SnapshotReceiver.saveFailed("\(error)") }
        self.file = nil
    }
}
