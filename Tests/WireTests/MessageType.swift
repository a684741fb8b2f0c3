import Base
import Wire

/// A message type as a value, so that tests can run over all of them.
struct MessageType: Sendable {
    let name: String
    /// Decodes, and encodes again.
    let reencoded: @Sendable ([UInt8]) throws -> [UInt8]
    /// Decodes, and tells the size that the message says it will have.
    let encodedSize: @Sendable ([UInt8]) throws -> Int
    let json: @Sendable ([UInt8]) throws -> [UInt8]
    /// Reads JSON and encodes the message.
    let encodedFromJSON: @Sendable ([UInt8]) throws -> [UInt8]

    init<M: WireMessage>(_ name: String, _: M.Type) {
        self.name = name
        reencoded = { try M(decoding: $0).encoded().array }
        encodedSize = { try M(decoding: $0).encodedSize }
        json = { try M(decoding: $0).json() }
        encodedFromJSON = { try M(json: $0).encoded().array }
    }

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}

/// One message of fixtures.tsv.
struct Fixture {
    let type: MessageType
    let bytes: [UInt8]
    let json: String
}
