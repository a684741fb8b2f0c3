import Base
import COpenSSL

/// How etcd derives identities (formats.md §9): both are the first eight bytes, big endian, of a SHA-1.
package enum Identity {
    /// The id of a founding member: a digest of its sorted peer URLs and the cluster's token.
    package static func member(peerURLs: [String], token: String) -> MemberID {
        var buffer = ByteBuffer()
        for url in peerURLs.sorted() { buffer.append(url) }
        buffer.append(token)
        return MemberID(digestPrefix(buffer.span))
    }

    /// The id of a member that is added at run time: the token is replaced by the decimal Unix time in seconds.
    package static func member(peerURLs: [String], addedAtUnixSeconds seconds: Int64) -> MemberID {
        member(peerURLs: peerURLs, token: String(seconds))
    }

    /// The id of a cluster: a digest of its founding members' ids in ascending order. It never changes.
    package static func cluster(founders: [MemberID]) -> ClusterID {
        var buffer = ByteBuffer()
        for id in founders.sorted() { buffer.append(bigEndian: id.rawValue) }
        return ClusterID(digestPrefix(buffer.span))
    }

    private static func digestPrefix(_ bytes: RawSpan) -> UInt64 {
        var digest = [UInt8](repeating: 0, count: 20)
        var length: UInt32 = 0
        let result = unsafe bytes.withUnsafeBytes { source in
            unsafe digest.withUnsafeMutableBufferPointer { target in
                unsafe EVP_Digest(source.baseAddress, source.count, target.baseAddress, &length, EVP_sha1(), nil)
            }
        }
        precondition(result == 1 && length == 20, "the cryptographic library offers no SHA-1")
        return digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
