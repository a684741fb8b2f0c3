/// A YAML document as far as configuration needs it: texts, lists and maps, each with the line it begins on (from 1).
///
/// Anchors, aliases, tags and further documents have no place in a configuration and are errors.
package struct YAMLNode: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// `isPlain`: written without quotes, so that it may mean null, a number or a truth value.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Pair])
    }

    package struct Pair: Sendable, Equatable {
        package var key: String
        package var line: Int
        package var value: YAMLNode
    }

    package var content: Content
    package var line: Int

    /// Nothing after the key, or YAML's words for it.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}

/// What is wrong with a YAML text, and on which line.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
    package var line: Int
    package var reason: String
    package var description: String { "line \(line): \(reason)" }
}
