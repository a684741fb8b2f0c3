/// Writes a view: plain data, decoded without allocating, with positions in place of bytes.
struct ViewEmitter {
    /// What is decoded often enough to have a view.
    static let messages: Set<String> = [
        "Etcdserverpb.RangeRequest", "Etcdserverpb.PutRequest", "Etcdserverpb.DeleteRangeRequest", "Etcdserverpb.CompactionRequest",
        "Etcdserverpb.LeaseGrantRequest", "Etcdserverpb.RequestHeader", "Etcdserverpb.InternalRaftRequest", "Mvccpb.KeyValue",
        "Raftpb.Entry", "Walpb.Record",
    ]

    let name: String
    let fields: [Field]

    /// Of InternalRaftRequest's messages exactly one is set; the view tells which, in place of a property for each.
    private var hasBody: Bool { name == "Etcdserverpb.InternalRaftRequest" }
    private var bodies: [Field] { hasBody ? fields.filter { $0.kind == .message && $0.name != "header" } : [] }
    private var properties: [Field] { hasBody ? fields.filter { $0.kind != .message || $0.name == "header" } : fields }

    func emit(into out: inout SourceText) {
        out.line()
        out.block("extension \(name)") { out in
            out.line("/// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.")
            out.line("@frozen @usableFromInline")
            out.block("package struct View: Equatable, Sendable") { out in
                for field in properties { out.line("@usableFromInline package var \(field.name): \(type(field)) = \(zero(field))") }
                if hasBody {
                    out.line("/// The request itself: its field, and its bytes. `none` when the message has no request that is known.")
                    out.line("@usableFromInline package var body: Body = .none")
                    out.line("@usableFromInline package var bodyBytes: ByteRange = ByteRange()")
                }
                out.line("@inlinable package init() {}")
                emitInits(into: &out)
                emitMerge(into: &out)
            }
            if hasBody { emitBody(into: &out) }
        }
    }

    private func emitInits(into out: inout SourceText) {
        out.block("@inlinable package init(decoding span: RawSpan) throws(WireError)") { out in
            out.line("var cursor = try FieldCursor(span)")
            out.line("try merge(&cursor, span)")
        }
        out.line("/// Decodes the part `range` of `span`; positions are in `span`.")
        out.block("@inlinable package init(decoding span: RawSpan, _ range: ByteRange) throws(WireError)") { out in
            out.line("var cursor = try FieldCursor(span).nested(range)")
            out.line("try merge(&cursor, span)")
        }
    }

    private func emitMerge(into out: inout SourceText) {
        out.block("@inlinable mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError)") { out in
            out.block("while !cursor.isAtEnd") { out in
                out.line("let tag = try cursor.tag(span)")
                out.line("switch tag.number {")
                for field in properties { out.line("case \(field.descriptor.number): self.\(field.name) = \(read(field))") }
                for field in bodies {
                    out.line("case \(field.descriptor.number):")
                    out.line("    self.bodyBytes = try cursor.range(span, tag)")
                    out.line("    self.body = .\(field.name)")
                }
                out.line("default: try cursor.skip(span, tag)")
                out.line("}")
            }
        }
    }

    private func emitBody(into out: inout SourceText) {
        out.line("/// The requests, by field number.")
        out.line("@frozen @usableFromInline")
        out.block("package enum Body: UInt32, Sendable") { out in
            out.line("case none = 0")
            for field in bodies { out.line("case \(field.name) = \(field.descriptor.number)") }
        }
    }

    private func type(_ field: Field) -> String {
        switch field.kind {
        case .string, .bytes, .message: "ByteRange"
        case .int64, .uint64, .uint32, .bool, .enumeration: field.elementType
        }
    }

    private func zero(_ field: Field) -> String {
        switch field.kind {
        case .string, .bytes, .message: "ByteRange()"
        case .int64, .uint64, .uint32, .bool, .enumeration: field.zero
        }
    }

    private func read(_ field: Field) -> String {
        switch field.kind {
        case .string, .bytes, .message: "try cursor.range(span, tag)"
        case .int64: "Int64(bitPattern: try cursor.number(span, tag))"
        case .uint64: "try cursor.number(span, tag)"
        case .uint32: "UInt32(truncatingIfNeeded: try cursor.number(span, tag))"
        case .bool: "try cursor.number(span, tag) != 0"
        case .enumeration: "\(field.elementType)(rawValue: Int32(truncatingIfNeeded: try cursor.number(span, tag)))"
        }
    }
}
