import Base

/// The chunked transfer coding, incrementally (RFC 9112 §7.1). Trailer fields are skipped; their and the extensions' length is bounded.
struct ChunkedDecoder {
    enum Step: Equatable {
        /// More input is needed.
        case more
        /// So many bytes of data begin at the input's position.
        case data(Int)
        case end
        case malformed
    }

    private enum State {
        case size(digits: Int, value: Int)
        case `extension`(value: Int)
        case sizeEnd(value: Int)
        case data(left: Int)
        case dataReturn
        case dataNewline
        case trailer(lineBytes: Int)
        case trailerReturn
        case end
    }

    private var state = State.size(digits: 0, value: 0)
    private var overhead = 0
    private static let overheadMax = 16 << 10

    /// Advances over framing bytes from `position`; stops at data, which the caller takes and reports with `took`.
    mutating func step(_ input: RawSpan, _ position: inout Int) -> Step {
        if case .data(let left) = state, left > 0 {
            return position < input.byteCount ? .data(min(left, input.byteCount - position)) : .more
        }
        while position < input.byteCount {
            let byte = input.byte(at: position)
            position += 1
            guard advance(byte) else { return .malformed }
            switch state {
            case .data(let left) where left > 0:
                return position < input.byteCount ? .data(min(left, input.byteCount - position)) : .more
            case .end: return .end
            default: break
            }
        }
        return .more
    }

    mutating func took(_ count: Int) {
        guard case .data(let left) = state, count <= left else { preconditionFailure("no such chunk data") }
        state = left == count ? .dataReturn : .data(left: left - count)
        if left == count { overhead = 0 }
    }

    /// One framing byte. False when it does not belong there.
    private mutating func advance(_ byte: UInt8) -> Bool {
        overhead += 1
        guard overhead <= ChunkedDecoder.overheadMax else { return false }
        switch state {
        case .size(let digits, let value):
            if let digit = ChunkedDecoder.hexDigit(byte) {
                guard digits < 15 else { return false }
                state = .size(digits: digits + 1, value: value << 4 | digit)
                return true
            }
            guard digits > 0 else { return false }
            return endSize(byte, value)
        case .extension(let value):
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") { return endSize(byte, value) }
            return true
        case .sizeEnd(let value):
            guard byte == UInt8(ascii: "\n") else { return false }
            return endSize(byte, value)
        case .dataReturn:
            guard byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") else { return false }
            state = byte == UInt8(ascii: "\r") ? .dataNewline : .size(digits: 0, value: 0)
        case .dataNewline:
            guard byte == UInt8(ascii: "\n") else { return false }
            state = .size(digits: 0, value: 0)
        case .trailer(let count):
            if byte == UInt8(ascii: "\n") {
                state = count == 0 ? .end : .trailer(lineBytes: 0)
            } else if byte == UInt8(ascii: "\r"), count == 0 {
                state = .trailerReturn
            } else if byte != UInt8(ascii: "\r") {
                state = .trailer(lineBytes: count + 1)
            }
        case .trailerReturn:
            guard byte == UInt8(ascii: "\n") else { return false }
            state = .end
        case .data, .end: return false
        }
        return true
    }

    /// A byte after the size's digits.
    private mutating func endSize(_ byte: UInt8, _ value: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "\r"): state = .sizeEnd(value: value)
        case UInt8(ascii: "\n"): state = value == 0 ? .trailer(lineBytes: 0) : .data(left: value)
        case UInt8(ascii: ";"), UInt8(ascii: " "), UInt8(ascii: "\t"): state = .extension(value: value)
        default: return false
        }
        return true
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
