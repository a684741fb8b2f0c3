import CSystem
import Platform

/// One end of a connection, by hand: raw bytes out, raw bytes in.
final class RawSocket {
    private(set) var descriptor: Int32
    private(set) var received: [UInt8] = []
    private(set) var isClosed = false
    private var outgoing: [UInt8] = []
    /// Stop reading.
    var isStalled = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    convenience init(to address: SocketAddress) throws { self.init(try Socket.connect(to: address)) }

    deinit { close() }

    func close() {
        if descriptor >= 0 { CSystem.close(descriptor) }
        descriptor = -1
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    func send(_ bytes: [UInt8]) {
        outgoing += bytes
        pump()
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Writes and reads what the socket takes and gives.
    func pump() {
        guard descriptor >= 0, !isClosed else { return }
        while !outgoing.isEmpty {
            guard case .bytes(let count) = unsafe Socket.write(descriptor, outgoing.span.bytes) else { break }
            outgoing.removeFirst(count)
        }
        while !isStalled, !isClosed {
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            switch unsafe chunk.withUnsafeMutableBytes({ unsafe Socket.read(descriptor, into: $0) }) {
            case .bytes(let count): received += chunk[..<count]
            case .wouldBlock: return
            // Also while the connection is still being made; a refused one shows by nothing ever coming.
            case .ended: isClosed = received.isEmpty ? isConnected : true
            }
            if received.isEmpty, !isClosed { return }
        }
    }

    private var isConnected: Bool { Socket.peerAddress(descriptor) != nil }

    /// Accepts one connection, should one wait.
    static func accept(_ listener: Listener) -> RawSocket? {
        if case .connection(let descriptor) = listener.accept() { RawSocket(descriptor) } else { nil }
    }
}
