import Base
import CSystem
import Platform

/// Moves a connection's bytes; in the clear here, encrypted by an implementation that a later layer adds.
///
/// The descriptor is non-blocking and registered with the connection's loop. Loop's thread.
package protocol GRPCClientTransport: AnyObject {
    var descriptor: Int32 { get }
    /// Takes the handshake one step on. Called when the socket has connected and again at each readiness until it is done.
    func handshake() -> GRPCClientHandshake
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Transfer
    func write(_ bytes: RawSpan) -> Socket.Transfer
    /// Called once; the descriptor is closed after it.
    func close()
}

package enum GRPCClientHandshake: Equatable, Sendable {
    case done
    case wants(Readiness)
    /// Why, in words.
    case failed(String)
}

/// A socket as it is.
package final class PlainClientTransport: GRPCClientTransport {
    package let descriptor: Int32

    /// Owns `descriptor` from here on.
    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    package func handshake() -> GRPCClientHandshake { .done }
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Transfer { unsafe Socket.read(descriptor, into: buffer) }
    package func write(_ bytes: RawSpan) -> Socket.Transfer { Socket.write(descriptor, bytes) }
    package func close() { _ = CSystem.close(descriptor) }
}
