/// Writes a message's JSON mapping.
struct JSONEmitter {
    let fields: [Field]

    func emit(into out: inout SourceText) {
        out.line("package static var jsonNames: StaticString { \"\(fields.map(\.jsonNames).joined(separator: ","))\" }")
        out.block("package func writeJSON(_ json: inout JSONWriter)") { out in
            out.line("json.open()")
            for field in fields { emitWrite(field, into: &out) }
            out.line("json.close()")
        }
        out.block("package mutating func readJSON(_ json: inout JSONReader) throws(JSONError)") { out in
            out.line("try json.open()")
            out.line("var seen: UInt64 = 0")
            if fields.isEmpty { return out.line("while try json.next(Self.jsonNames, &seen) != nil {}") }
            out.block("while let field = try json.next(Self.jsonNames, &seen)") { out in
                out.line("switch field {")
                for (position, field) in fields.enumerated() { emitRead(field, position, into: &out) }
                out.line("default: break")
                out.line("}")
            }
        }
    }

    private func emitWrite(_ field: Field, into out: inout SourceText) {
        let name = "\"\(field.descriptor.name)\""
        let property = "self.\(field.name)"
        switch (field.presence, field.kind) {
        case (.always, _): out.line("json.field(\(name), always: \(property))")
        case (.implicit, _), (.optional, .message): out.line("json.field(\(name), \(field.implicitLabel): \(property))")
        case (.optional, _): out.line("if let value = \(property) { json.field(\(name), always: value) }")
        case (.repeated, _): out.line("json.field(\(name), list: \(property))")
        case (.oneof(let oneof), _):
            out.line("if case .\(field.name)(let value)? = self.\(oneof) { json.field(\(name), always: value) }")
        }
    }

    private func emitRead(_ field: Field, _ position: Int, into out: inout SourceText) {
        let head = "case \(position):"
        let isGeneric = field.kind == .message || field.kind == .enumeration
        let value = "let value\(isGeneric ? ": " + field.elementType : "") = try json.\(field.implicitLabel)()"
        switch field.presence {
        case .repeated: out.line("\(head) try json.read(list: &self.\(field.name))")
        case .implicit, .always, .optional: out.line("\(head) if \(value) { self.\(field.name) = value }")
        case .oneof(let oneof):
            out.line(head)
            out.line("    try json.oneof(isSet: self.\(oneof) != nil)")
            out.line("    if \(value) { self.\(oneof) = .\(field.name)(value) }")
        }
    }
}
