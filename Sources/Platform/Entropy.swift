import CSystem

/// Random numbers from the kernel, for seeds and secrets.
package enum Entropy {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let start = filled
            let got = unsafe bytes.withUnsafeMutableBytes { raw in
                retryingInterrupted { unsafe getrandom(raw.baseAddress! + start, count - start, 0) }
            }
            precondition(got > 0, "the kernel gives no random numbers")
            filled += got
        }
        return bytes
    }

    package static func number() -> UInt64 {
        bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
