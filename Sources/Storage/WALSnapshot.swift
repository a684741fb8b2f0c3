import Base

/// A type-5 record: the log up to `index` is covered by the .snap file of this term and index.
package struct WALSnapshot: Hashable, Sendable {
    package var index: LogIndex
    package var term: Term
    /// Required by etcd 3.5 and later when `index` > 0.
    package var configuration: ConfigurationState?

    package init(index: LogIndex = .zero, term: Term = .zero, configuration: ConfigurationState? = nil) {
        self.index = index
        self.term = term
        self.configuration = configuration
    }
}

extension WALSnapshot {
    /// walpb.Snapshot; nil for anything else.
    init?(decoding span: RawSpan) {
        self.init()
        var position = 0
        var previous = 0
        while position < span.byteCount {
            guard let field = ProtobufField.next(in: span, at: &position), field.number > previous else { return nil }
            previous = field.number
            switch (field.number, field.wire) {
            case (1, .varint): index = LogIndex(field.value)
            case (2, .varint): term = Term(field.value)
            case (3, .bytes):
                guard let state = ConfigurationState(decoding: span.subscripted(field.range)) else { return nil }
                configuration = state
            default: return nil
            }
        }
    }
}
