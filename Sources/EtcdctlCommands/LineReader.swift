/// Standard input line by line.
struct LineReader {
    private var held: [UInt8] = []
    private var isAtEnd = false

    init() {}

    /// The next line with its line feed; what follows the last line feed, which may be empty, only counts as `rest`.
    mutating func next() -> String? {
        while true {
            if let end = held.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: held[...end], as: UTF8.self)
                held.removeSubrange(...end)
                return line
            }
            if isAtEnd { return nil }
            let piece = Terminal.readPiece()
            if piece.isEmpty { isAtEnd = true } else { held += piece }
        }
    }
}
