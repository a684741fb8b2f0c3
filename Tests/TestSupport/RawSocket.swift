import CSystem
import Platform

/// One end of a connection, by hand: raw bytes out, raw bytes in.
package final class RawSocket {
    package private(set) var descriptor: Int32
    package private(set) var received: [UInt8] = []
    package private(set) var isClosed = false
    private var outgoing: [UInt8] = []
    /// Stop reading.
    package var isStalled = false
    /// Until the connection is made, reading from it ends like a closed one's.
    private var isConnecting: Bool

    /// Of a connection that is made.
    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        isConnecting = false
    }

    package init(to address: SocketAddress) throws {
        descriptor = try Socket.connect(to: address)
        isConnecting = true
    }

    deinit { close() }

    package func close() {
        if descriptor >= 0 { CSystem.close(descriptor) }
        descriptor = -1
    }

    package var text: String { String(decoding: received, as: UTF8.self) }

    package func send(_ bytes: [UInt8]) {
        outgoing += bytes
        pump()
    }

    package func send(_ text: String) { send(Array(text.utf8)) }

    /// Writes and reads what the socket takes and gives.
    package func pump() {
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
            case .ended:
                // A refused connection shows by nothing ever coming.
                if isConnecting, received.isEmpty, Socket.peerAddress(descriptor) == nil { return }
                isClosed = true
            }
        }
    }

    /// Accepts one connection, should one wait.
    package static func accept(_ listener: Listener) -> RawSocket? {
        if case .connection(let descriptor) = listener.accept() { RawSocket(descriptor) } else { nil }
    }
}
