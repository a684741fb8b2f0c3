import CYAML

/// Reads one YAML document through libyaml's events.
@safe
package struct YAMLParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private var event = unsafe yaml_event_t()
    private var hasEvent = false

    private static let depthMax = 32

    /// The document in `bytes`; an empty one is an empty map.
    package static func parse(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode {
        var parser = YAMLParser()
        return try parser.document(bytes)
    }

    private init() {
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        precondition(unsafe yaml_parser_initialize(parser) == 1, "out of memory")
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    private mutating func document(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode {
        // libyaml reads while it parses: the text must stay where it is for as long.
        let result: Result<YAMLNode, YAMLError> = unsafe bytes.withUnsafeBufferPointer { text in
            unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
            do throws(YAMLError) { return .success(try documentInText()) } catch { return .failure(error) }
        }
        dropEvent()
        return try result.get()
    }

    private mutating func documentInText() throws(YAMLError) -> YAMLNode {
        try expect(YAML_STREAM_START_EVENT, "a document")
        try advance()
        guard unsafe event.type != YAML_STREAM_END_EVENT else { return YAMLNode(content: .mapping([]), line: 1) }
        guard unsafe event.type == YAML_DOCUMENT_START_EVENT else { throw error("a document is expected") }
        try advance()
        let node = try node(depth: 0)
        try expect(YAML_DOCUMENT_END_EVENT, "the end of the document")
        try advance()
        guard unsafe event.type == YAML_STREAM_END_EVENT else { throw error("a second document begins; a configuration is one") }
        return node
    }

    /// The node that begins with the present event.
    private mutating func node(depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth < Self.depthMax else { throw error("nested more than \(Self.depthMax) deep") }
        let line = line
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            return YAMLNode(content: try scalar(), line: line)
        case YAML_SEQUENCE_START_EVENT:
            var items: [YAMLNode] = []
            while true {
                try advance()
                if unsafe event.type == YAML_SEQUENCE_END_EVENT { return YAMLNode(content: .sequence(items), line: line) }
                items.append(try node(depth: depth + 1))
            }
        case YAML_MAPPING_START_EVENT:
            return YAMLNode(content: .mapping(try pairs(depth: depth)), line: line)
        case YAML_ALIAS_EVENT:
            throw error("aliases are not supported in a configuration; write the value out")
        default:
            throw error("a value is expected")
        }
    }

    private mutating func pairs(depth: Int) throws(YAMLError) -> [YAMLNode.Pair] {
        var pairs: [YAMLNode.Pair] = []
        while true {
            try advance()
            if unsafe event.type == YAML_MAPPING_END_EVENT { return pairs }
            guard unsafe event.type == YAML_SCALAR_EVENT, case .scalar(let key, _) = try scalar() else {
                throw error("a key must be a plain text")
            }
            if let earlier = pairs.first(where: { $0.key == key }) { throw error("\"\(key)\" is given already on line \(earlier.line)") }
            let line = line
            try advance()
            pairs.append(.init(key: key, line: line, value: try node(depth: depth + 1)))
        }
    }

    private func scalar() throws(YAMLError) -> YAMLNode.Content {
        let scalar = unsafe event.data.scalar
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw error("a text is not UTF-8") }
        return .scalar(text, isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
    }

    private mutating func expect(_ type: yaml_event_type_t, _ what: String) throws(YAMLError) {
        try advance()
        guard unsafe event.type == type else { throw error("\(what) is expected") }
    }

    private mutating func advance() throws(YAMLError) {
        dropEvent()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else {
            let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not YAML"
            throw YAMLError(line: unsafe Int(clamping: parser.pointee.problem_mark.line) + 1, reason: problem)
        }
        hasEvent = true
    }

    private mutating func dropEvent() {
        guard hasEvent else { return }
        hasEvent = false
        unsafe yaml_event_delete(&event)
    }

    private var line: Int { unsafe Int(clamping: event.start_mark.line) + 1 }

    private func error(_ reason: String) -> YAMLError { YAMLError(line: line, reason: reason) }
}
