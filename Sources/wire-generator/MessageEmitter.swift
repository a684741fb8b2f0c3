/// Writes one message: the owned struct with its codec, the types declared inside it, and its view if it has one.
struct MessageEmitter {
    let message: MessageDescriptor
    let file: FileDescriptor
    let packages: Set<String>
    /// Qualified Swift name.
    let name: String
    let fields: [Field]

    init(_ message: MessageDescriptor, in file: FileDescriptor, inside parent: String, packages: Set<String>) {
        self.message = message
        self.file = file
        self.packages = packages
        name = parent + "." + Names.type(message.name)
        fields = message.fields.map { Field($0, of: message, in: file, packages: packages) }
    }

    func emit(into out: inout SourceText) {
        let hasView = ViewEmitter.messages.contains(name)
        out.line()
        out.block("extension \(name.prefix(upTo: name.lastIndex(of: ".")!))") { out in
            if hasView || !message.enums.isEmpty { out.line("@usableFromInline") }
            out.block("package struct \(Names.type(message.name)): WireMessage") { out in
                emitStorage(into: &out)
                out.line("package init() {}")
                emitMerge(into: &out)
                emitSize(into: &out)
                emitEncode(into: &out)
                JSONEmitter(fields: fields).emit(into: &out)
            }
        }
        for declared in message.enums { EnumEmitter(declared, inside: name).emit(into: &out) }
        for nested in message.messages { MessageEmitter(nested, in: file, inside: name, packages: packages).emit(into: &out) }
        if hasView { ViewEmitter(name: name, fields: fields).emit(into: &out) }
    }

    private func emitStorage(into out: inout SourceText) {
        var seen: Set<String> = []
        for field in fields {
            if let declaration = field.declaration { out.line(declaration) }
            if case .oneof(let oneof) = field.presence, seen.insert(oneof).inserted {
                let type = oneof.prefix(1).uppercased() + oneof.dropFirst()
                out.line("package var \(oneof): \(type)?")
                out.block("package enum \(type): Sendable, Equatable") { out in
                    for field in fields {
                        if case .oneof(oneof) = field.presence { out.line("case \(field.name)(\(field.elementType))") }
                    }
                }
            }
        }
    }

    private func emitMerge(into out: inout SourceText) {
        out.block("package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError)") { out in
            out.block("while !cursor.isAtEnd") { out in
                out.line("let tag = try cursor.tag(span)")
                if fields.isEmpty { return out.line("try cursor.skip(span, tag)") }
                out.line("switch tag.number {")
                for field in fields { emitMerge(field, into: &out) }
                out.line("default: try cursor.skip(span, tag)")
                out.line("}")
            }
        }
    }

    private func emitMerge(_ field: Field, into out: inout SourceText) {
        let head = "case \(field.descriptor.number):"
        let read = "try cursor.\(field.implicitLabel)(span, tag)"
        let property = "self.\(field.name)"
        switch (field.presence, field.kind) {
        case (.implicit, .message), (.always, .message), (.optional, .message):
            out.line("\(head) try cursor.message(span, tag, into: &\(property))")
        case (.implicit, _), (.always, _), (.optional, _): out.line("\(head) \(property) = \(read)")
        case (.repeated, .message): out.line("\(head) try cursor.message(span, tag, appendingTo: &\(property))")
        case (.repeated, .string), (.repeated, .bytes): out.line("\(head) \(property).append(\(read))")
        case (.repeated, _): out.line("\(head) try cursor.\(field.implicitLabel)s(span, tag, into: &\(property))")
        case (.oneof(let oneof), .message):
            out.line(head)
            out.line("    var value = \(field.zero)")
            out.line("    if case .\(field.name)(let present)? = self.\(oneof) { value = present }")
            out.line("    try cursor.message(span, tag, into: &value)")
            out.line("    self.\(oneof) = .\(field.name)(value)")
        case (.oneof(let oneof), _): out.line("\(head) self.\(oneof) = .\(field.name)(\(read))")
        }
    }

    private func emitSize(into out: inout SourceText) {
        out.block("package var encodedSize: Int") { out in
            if fields.isEmpty { return out.line("0") }
            out.line("var size = 0")
            for field in fields { emitField(field, call: { "size &+= FieldSize.of(\($0))" }, into: &out) }
            out.line("return size")
        }
    }

    private func emitEncode(into out: inout SourceText) {
        if fields.isEmpty { return out.line("package func encode(into buffer: inout ByteBuffer) {}") }
        out.block("package func encode(into buffer: inout ByteBuffer)") { out in
            for field in fields { emitField(field, call: { "buffer.field(\($0))" }, into: &out) }
        }
    }

    /// One field's size or bytes: `FieldSize` and `ByteBuffer` take the same arguments.
    private func emitField(_ field: Field, call: @escaping (String) -> String, into out: inout SourceText) {
        let property = "self.\(field.name)"
        let always = { (value: String) in call("\(field.tag), always: \(field.wireValue(value))") }
        switch (field.presence, field.kind) {
        case (.always, _): out.line(always(property))
        case (.implicit, _), (.optional, .message): out.line(call("\(field.tag), \(field.implicitLabel): \(property)"))
        case (.optional, _): out.line("if let value = \(property) { \(always("value")) }")
        case (.repeated, .uint64) where field.isPacked: out.line(call("\(field.tag), packed: \(property)"))
        case (.repeated, .enumeration) where field.isPacked:
            out.line(call("\(field.tag), packed: \(property).map { UInt64(bitPattern: Int64($0.rawValue)) }"))
        case (.repeated, _): out.line("for value in \(property) { \(always("value")) }")
        case (.oneof(let oneof), _): out.line("if case .\(field.name)(let value)? = self.\(oneof) { \(always("value")) }")
        }
    }
}
