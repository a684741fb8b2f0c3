import Base

/// What a gRPC call's header fields say, as far as etcd looks at them. Valid during the callback that lends it.
@safe
package struct CallMetadata: ~Copyable {
    /// From grpc-timeout. The server ends the call then by itself.
    package let deadline: Instant?
    /// `hasleader: true`: refuse the call when there is no leader.
    package let hasLeader: Bool

    /// The stream's header bytes, alive and unchanged during the callback.
    private let base: UnsafeRawBufferPointer
    private let tokenRange: ByteRange
    private let versionRange: ByteRange

    init(deadline: Instant?, hasLeader: Bool, base: UnsafeRawBufferPointer, token: ByteRange, clientAPIVersion: ByteRange) {
        self.deadline = deadline
        self.hasLeader = hasLeader
        unsafe self.base = base
        tokenRange = token
        versionRange = clientAPIVersion
    }

    /// The auth token's bytes: of the field `token`, else `authorization`; empty without one.
    package var tokenBytes: RawSpan {
        @_lifetime(borrow self)
        get { part(tokenRange) }
    }

    package var token: String? { tokenRange.isEmpty ? nil : String(decoding: tokenBytes.array, as: UTF8.self) }

    /// The field `client-api-version`; empty without one.
    package var clientAPIVersionBytes: RawSpan {
        @_lifetime(borrow self)
        get { part(versionRange) }
    }

    package var clientAPIVersion: String? {
        versionRange.isEmpty ? nil : String(decoding: clientAPIVersionBytes.array, as: UTF8.self)
    }

    @_lifetime(borrow self)
    private func part(_ range: ByteRange) -> RawSpan {
        let whole = unsafe RawSpan(_unsafeBytes: base)
        return unsafe _overrideLifetime(whole.subscripted(range), borrowing: self)
    }
}
