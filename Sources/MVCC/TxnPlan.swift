import Base
import Wire

/// A TxnRequest decoded into flat arrays, nested transactions included, without allocating once the arrays are warm. All
/// positions are in the message it was decoded from, which must be given along with the plan.
package struct TxnPlan: ~Copyable {
    /// One TxnRequest: the outer one is level 0; nested ones follow.
    package struct Level: Sendable {
        package var compares: Range<Int>
        package var success: Range<Int>
        package var failure: Range<Int>
    }

    package enum Operation: Sendable {
        /// A RequestOp without a request.
        case none
        case range(Etcdserverpb.RangeRequest.View)
        case put(Etcdserverpb.PutRequest.View)
        case deleteRange(Etcdserverpb.DeleteRangeRequest.View)
        /// A nested transaction, by its level.
        case txn(Int)
    }

    package struct Compare: Sendable {
        package var result: Int32 = 0
        package var target: Int32 = 0
        package var key = ByteRange()
        package var rangeEnd = ByteRange()
        /// Field number of the operand given; 0 for none.
        package var operandField: UInt32 = 0
        package var number: Int64 = 0
        package var value = ByteRange()
    }

    package private(set) var levels: [Level] = []
    package private(set) var operations: [Operation] = []
    package private(set) var compares: [Compare] = []
    /// Which branch each level takes, set by `Store.txn`. Only levels that are reached have a meaning.
    var succeeded: [Bool] = []

    package init() {}

    /// Decodes the TxnRequest at `range` of `message`.
    package mutating func decode(_ message: RawSpan, _ range: ByteRange) throws(WireError) {
        levels.removeAll(keepingCapacity: true)
        operations.removeAll(keepingCapacity: true)
        compares.removeAll(keepingCapacity: true)
        _ = try decodeLevel(message, try FieldCursor(message).nested(range))
    }

    package mutating func decode(_ message: RawSpan) throws(WireError) {
        try decode(message, ByteRange(offset: 0, count: message.byteCount))
    }

    private mutating func decodeLevel(_ message: RawSpan, _ cursor: FieldCursor) throws(WireError) -> Int {
        let index = levels.count
        levels.append(Level(compares: 0..<0, success: 0..<0, failure: 0..<0))
        let firstCompare = compares.count
        var rest = cursor
        while !rest.isAtEnd {
            let tag = try rest.tag(message)
            if tag.number == 1 {
                compares.append(try TxnPlan.compare(message, try rest.nested(try rest.range(message, tag))))
            } else {
                try rest.skip(message, tag)
            }
        }
        levels[index].compares = firstCompare..<compares.count
        levels[index].success = try decodeBranch(message, cursor, field: 2)
        levels[index].failure = try decodeBranch(message, cursor, field: 3)
        return index
    }

    /// A branch's operations stand together; the nested levels come after, so their operations do too.
    private mutating func decodeBranch(_ message: RawSpan, _ cursor: FieldCursor, field: UInt32) throws(WireError) -> Range<Int> {
        let first = operations.count
        var rest = cursor
        while !rest.isAtEnd {
            let tag = try rest.tag(message)
            if tag.number == field {
                operations.append(try TxnPlan.operation(message, try rest.nested(try rest.range(message, tag))))
            } else {
                try rest.skip(message, tag)
            }
        }
        let branch = first..<operations.count
        guard hasNested(branch) else { return branch }
        var next = first
        rest = cursor
        while !rest.isAtEnd {
            let tag = try rest.tag(message)
            guard tag.number == field else {
                try rest.skip(message, tag)
                continue
            }
            let operation = try rest.nested(try rest.range(message, tag))
            if case .txn = operations[next] { operations[next] = .txn(try decodeNested(message, operation)) }
            next += 1
        }
        return branch
    }

    private func hasNested(_ branch: Range<Int>) -> Bool {
        for index in branch { if case .txn = operations[index] { return true } }
        return false
    }

    private mutating func decodeNested(_ message: RawSpan, _ operation: FieldCursor) throws(WireError) -> Int {
        var rest = operation
        var body = ByteRange()
        while !rest.isAtEnd {
            let tag = try rest.tag(message)
            if tag.number == 4 { body = try rest.range(message, tag) } else { try rest.skip(message, tag) }
        }
        return try decodeLevel(message, try operation.nested(body))
    }

    /// Of several requests in one RequestOp the last counts, as for any oneof.
    private static func operation(_ message: RawSpan, _ cursor: FieldCursor) throws(WireError) -> Operation {
        var rest = cursor
        var operation = Operation.none
        while !rest.isAtEnd {
            let tag = try rest.tag(message)
            switch tag.number {
            case 1: operation = .range(try Etcdserverpb.RangeRequest.View(decoding: message, try rest.range(message, tag)))
            case 2: operation = .put(try Etcdserverpb.PutRequest.View(decoding: message, try rest.range(message, tag)))
            case 3: operation = .deleteRange(try Etcdserverpb.DeleteRangeRequest.View(decoding: message, try rest.range(message, tag)))
            case 4:
                _ = try rest.range(message, tag)
                operation = .txn(-1)
            default: try rest.skip(message, tag)
            }
        }
        return operation
    }

    private static func compare(_ message: RawSpan, _ cursor: FieldCursor) throws(WireError) -> Compare {
        var rest = cursor
        var compare = Compare()
        while !rest.isAtEnd {
            let tag = try rest.tag(message)
            switch tag.number {
            case 1: compare.result = Int32(truncatingIfNeeded: try rest.number(message, tag))
            case 2: compare.target = Int32(truncatingIfNeeded: try rest.number(message, tag))
            case 3: compare.key = try rest.range(message, tag)
            case 4, 5, 6, 8:
                compare.number = Int64(bitPattern: try rest.number(message, tag))
                compare.operandField = tag.number
            case 7:
                compare.value = try rest.range(message, tag)
                compare.operandField = 7
            case 64: compare.rangeEnd = try rest.range(message, tag)
            default: try rest.skip(message, tag)
            }
        }
        return compare
    }

    /// No branch of the outer transaction has anything but ranges. Such a transaction is a read.
    package var isReadOnly: Bool {
        let level = levels[0]
        for index in level.success { guard case .range = operations[index] else { return false } }
        for index in level.failure { guard case .range = operations[index] else { return false } }
        return true
    }

    /// All operations of the outer transaction are serializable ranges: it may be answered without a quorum.
    package var isSerializable: Bool {
        let level = levels[0]
        for index in level.success { guard case .range(let range) = operations[index], range.serializable else { return false } }
        for index in level.failure { guard case .range(let range) = operations[index], range.serializable else { return false } }
        return true
    }

    /// Some branch puts: such a transaction is refused while space is short.
    package var hasPut: Bool {
        for operation in operations { if case .put = operation { return true } }
        return false
    }
}
