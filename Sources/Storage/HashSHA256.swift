import Base
import COpenSSL

/// SHA-256, over bytes given piece by piece.
@safe
package struct SHA256: ~Copyable {
    private let context: OpaquePointer
    package static let byteCount = 32

    package init() {
        guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            fatalError("OpenSSL has no SHA-256")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: RawSpan) {
        let code = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(code == 1)
    }

    package consuming func finalize() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Self.byteCount)
        var count: UInt32 = 0
        let code = unsafe digest.withUnsafeMutableBufferPointer { unsafe EVP_DigestFinal_ex(context, $0.baseAddress, &count) }
        precondition(code == 1 && count == UInt32(Self.byteCount))
        return digest
    }

    package static func digest(_ bytes: RawSpan) -> [UInt8] {
        var sum = SHA256()
        sum.update(bytes)
        return sum.finalize()
    }
}
