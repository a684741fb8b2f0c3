import Base

/// The application behind a server. Everything is called on the loop's thread; spans are valid during the call.
///
/// Each call or request ends exactly once: by the delegate (`respond`, `fail`, `finish`) or by `streamClosed`.
package protocol ServerDelegate: AnyObject {
    /// Called once for each gRPC call; `path` is "/service/method".
    func route(_ path: RawSpan) -> GRPCRoute
    /// Whether methods of this service exist: decides the text for an unimplemented one.
    func hasService(_ name: RawSpan) -> Bool

    /// A complete unary call. Answer with `respond` or `fail`, now or later.
    func unary(_ stream: StreamHandle, method: UInt8, message: RawSpan, _ metadata: borrowing CallMetadata)

    func streamOpened(_ stream: StreamHandle, method: UInt8, _ metadata: borrowing CallMetadata)
    func streamMessage(_ stream: StreamHandle, message: RawSpan)
    /// The client will send no more messages.
    func streamHalfClosed(_ stream: StreamHandle)
    /// The call ended before the delegate ended it: reset, deadline, connection lost. Not called otherwise.
    func streamClosed(_ stream: StreamHandle)
    /// Queued bytes were above the high-water mark and fell below the low-water mark.
    func streamWritable(_ stream: StreamHandle)

    /// A complete plain HTTP request.
    func request(_ stream: StreamHandle, _ request: HTTPRequest)

    /// Whether the body of an HTTP/1 request for this target comes in pieces and without bound: `requestBegan`, `requestBody` as
    /// often as needed, `requestEnded`; `request` is not called then. Answered at any time; answering early ends the connection.
    func streamsBody(_ target: String) -> Bool
    /// The request without its body.
    func requestBegan(_ stream: StreamHandle, _ request: HTTPRequest)
    func requestBody(_ stream: StreamHandle, _ bytes: RawSpan)
    func requestEnded(_ stream: StreamHandle)

    /// After each turn of the loop that produced calls.
    func turnEnded()
    /// After `beginDrain`: the last connection is closed.
    func drained()
}

extension ServerDelegate {
    package func hasService(_ name: RawSpan) -> Bool { false }
    package func drained() {}
    package func streamsBody(_ target: String) -> Bool { false }
    package func requestBegan(_ stream: StreamHandle, _ request: HTTPRequest) {}
    package func requestBody(_ stream: StreamHandle, _ bytes: RawSpan) {}
    package func requestEnded(_ stream: StreamHandle) {}
}
