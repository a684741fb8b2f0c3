/// One gRPC Watch stream: a client loop and the loop's own number of the stream.
package struct WatchStreamID: Hashable, Sendable {
    package var loop: UInt8
    package var rawValue: UInt64

    package init(loop: UInt8, rawValue: UInt64) {
        self.loop = loop
        self.rawValue = rawValue
    }
}
