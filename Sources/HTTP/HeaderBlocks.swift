import CNGHTTP2

/// Header fields that never change, in the form that nghttp2 takes without copying them.
@safe
final class HeaderBlocks {
    /// `:status: 200`, `content-type: application/grpc`.
    let responseHead: UnsafeMutableBufferPointer<nghttp2_nv>
    /// `grpc-status: 0`.
    let okTrailers: UnsafeMutableBufferPointer<nghttp2_nv>

    init() {
        unsafe responseHead = .allocate(capacity: 2)
        unsafe _ = responseHead.initialize(from: [
            HeaderBlocks.constant(":status", "200"), HeaderBlocks.constant("content-type", "application/grpc"),
        ])
        unsafe okTrailers = .allocate(capacity: 1)
        unsafe _ = okTrailers.initialize(from: [HeaderBlocks.constant("grpc-status", "0")])
    }

    deinit {
        unsafe responseHead.deallocate()
        unsafe okTrailers.deallocate()
    }

    private static func constant(_ name: StaticString, _ value: StaticString) -> nghttp2_nv {
        unsafe nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name.utf8Start), value: UnsafeMutablePointer(mutating: value.utf8Start),
            namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount,
            flags: UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue))
    }

    /// Calls `body` with fields made for the occasion; nghttp2 copies them.
    static func withFields(_ fields: [(String, String)], _ body: (UnsafeMutablePointer<nghttp2_nv>, Int) -> Int32) -> Int32 {
        var text: [UInt8] = []
        for (name, value) in fields {
            text += name.utf8
            text += value.utf8
        }
        if text.isEmpty { text = [0] }
        return unsafe text.withUnsafeMutableBufferPointer { bytes in
            var position = 0
            var block: [nghttp2_nv] = unsafe []
            for (name, value) in fields {
                let nameStart = unsafe bytes.baseAddress! + position
                position += name.utf8.count
                let valueStart = unsafe bytes.baseAddress! + position
                position += value.utf8.count
                unsafe block.append(
                    nghttp2_nv(name: nameStart, value: valueStart, namelen: name.utf8.count, valuelen: value.utf8.count, flags: 0))
            }
            return unsafe block.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!, $0.count) }
        }
    }
}

/// Longer status messages are cut: clients refuse header lists of more than 8 KiB.
private let statusMessageBytesMax = 4096

/// The value of grpc-message for a text: bytes outside printable ASCII, and the percent sign, as %XX.
func percentEncodedStatus(_ message: String) -> String {
    let plain =
        message.utf8.count <= statusMessageBytesMax
        && message.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E && $0 != UInt8(ascii: "%") }
    if plain { return message }
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in message.utf8 {
        guard bytes.count < statusMessageBytesMax else { break }
        if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
            bytes.append(byte)
        } else {
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
