import CommandLine

/// A line in the words that the interactive commands read: separated by blanks, or in quotes.
enum Words {
    static func split(_ line: String) -> [String] {
        var words: [String] = []
        var rest = Substring(line)
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0.isNewline }
            guard let first = rest.first else { return words }
            if first == "\"", let (word, after) = quoted(rest) {
                words.append(word)
                rest = after
            } else if first == "'", let end = rest.dropFirst().firstIndex(of: "'") {
                words.append(String(rest[rest.index(after: rest.startIndex)..<end]))
                rest = rest[rest.index(after: end)...]
            } else {
                let word = rest.prefix { $0 != " " && $0 != "\t" && !$0.isNewline }
                words.append(String(word))
                rest = rest.dropFirst(word.count)
            }
        }
    }

    /// The text that a quoted one at the start of `text` stands for, with Go's escapes, and what follows it.
    static func quoted(_ text: Substring) -> (String, Substring)? {
        guard let quote = text.first, quote == "\"" || quote == "`" else { return nil }
        var bytes: [UInt8] = []
        var rest = text.dropFirst()
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == quote { return (String(decoding: bytes, as: UTF8.self), rest) }
            guard character == "\\", quote == "\"" else {
                bytes += String(character).utf8
                continue
            }
            guard let escaped = escape(&rest) else { return nil }
            bytes += escaped
        }
        return nil
    }

    /// What follows a backslash.
    private static func escape(_ rest: inout Substring) -> [UInt8]? {
        guard let letter = rest.popFirst() else { return nil }
        switch letter {
        case "a": return [7]
        case "b": return [8]
        case "f": return [12]
        case "n": return [10]
        case "r": return [13]
        case "t": return [9]
        case "v": return [11]
        case "\\", "\"", "'": return Array(String(letter).utf8)
        case "x": return number(&rest, digits: 2, radix: 16).map { [UInt8($0)] }
        case "u": return number(&rest, digits: 4, radix: 16).flatMap(utf8)
        case "U": return number(&rest, digits: 8, radix: 16).flatMap(utf8)
        case "0"..."7":
            rest = letter.description + rest
            return number(&rest, digits: 3, radix: 8).flatMap { $0 < 256 ? [UInt8($0)] : nil }
        default: return nil
        }
    }

    private static func number(_ rest: inout Substring, digits: Int, radix: Int) -> UInt32? {
        let text = rest.prefix(digits)
        guard text.count == digits, let value = UInt32(text, radix: radix) else { return nil }
        rest = rest.dropFirst(digits)
        return value
    }

    private static func utf8(_ value: UInt32) -> [UInt8]? { Unicode.Scalar(value).map { Array(String($0).utf8) } }
}
