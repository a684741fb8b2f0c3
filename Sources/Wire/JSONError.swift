/// Why a text is not the JSON form of a message. `at` counts bytes from the start of the text.
package enum JSONError: Error, Equatable, Sendable {
    /// The text ends too early. Also the error for an empty one.
    case endOfText
    /// `found` stands where the grammar wants something else: `expected` says what.
    case syntax(found: UInt8, expected: String, at: Int)
    /// A string that is not UTF-8, or has an escape that does not exist or names half a character.
    case badString(at: Int)
    /// A value of the wrong kind or out of range for `field`.
    case badValue(field: String, expected: String, at: Int)
    /// A field that comes twice, or two fields of which only one may be set.
    case duplicateField(name: String, at: Int)
    case tooDeep(at: Int)
    case tooLong
}

extension JSONError: CustomStringConvertible {
    /// Syntax errors in the words of etcd's gateway.
    package var description: String {
        switch self {
        case .endOfText: "unexpected end of JSON input"
        case .syntax(let found, let expected, _): "invalid character \(JSONError.quoted(found)) \(expected)"
        case .badString(let at): "JSON: invalid UTF-8 or invalid escape in the string at byte \(at)"
        case .badValue("", let expected, let at): "JSON: invalid value at byte \(at): expected \(expected)"
        case .badValue(let field, let expected, let at): "JSON: invalid value for field \(field) at byte \(at): expected \(expected)"
        case .duplicateField(let name, let at): "JSON: duplicate field \"\(name)\" at byte \(at)"
        case .tooDeep(let at): "JSON: nested more than \(JSONReader.depthMax) deep at byte \(at)"
        case .tooLong: "JSON: text of more than \(JSONReader.bytesMax) bytes"
        }
    }

    private static func quoted(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): #"'\''"#
        case 0x0A: #"'\n'"#
        case 0x0D: #"'\r'"#
        case 0x09: #"'\t'"#
        case 0x20..<0x7F: "'\(Character(UnicodeScalar(byte)))'"
        default: "'\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) + "'"
        }
    }
}
