import Wire

/// A condition of a transaction.
public struct Comparison: Sendable {
    /// The keys' attribute stands on the left.
    public enum Relation: Sendable { case equal, greater, less, notEqual }
    /// Which attribute, and what it is compared with. A key that is not there has version and revisions 0, and no value: comparing
    /// that never holds.
    public enum Operand: Sendable {
        case value([UInt8])
        case version(Int64)
        case createRevision(Int64)
        case modRevision(Int64)
        case lease(Int64)
    }
    package let message: Etcdserverpb.Compare

    /// Whether the keys' attribute stands in that relation to the operand; for several keys, whether all do.
    public init(_ range: KeyRange, _ relation: Relation, _ operand: Operand) {
        message = .with {
            $0.key = range.key
            $0.rangeEnd = range.end
            $0.result =
                switch relation {
                case .equal: .equal
                case .greater: .greater
                case .less: .less
                case .notEqual: .notEqual
                }
            switch operand {
            case .value(let value): ($0.target, $0.targetUnion) = (.value, .value(value))
            case .version(let number): ($0.target, $0.targetUnion) = (.version, .version(number))
            case .createRevision(let number): ($0.target, $0.targetUnion) = (.create, .createRevision(number))
            case .modRevision(let number): ($0.target, $0.targetUnion) = (.mod, .modRevision(number))
            case .lease(let number): ($0.target, $0.targetUnion) = (.lease, .lease(number))
            }
        }
    }
}

/// A step of a transaction.
public struct Operation: Sendable {
    package let message: Etcdserverpb.RequestOp

    private init(_ request: Etcdserverpb.RequestOp.Request) { message = .with { $0.request = request } }

    /// As `EtcdClient.get`; it sees what the steps before it have done.
    public static func get(_ range: KeyRange, _ options: GetOptions = GetOptions()) -> Operation {
        Operation(.requestRange(options.request(range)))
    }
    /// As `EtcdClient.put`. No key may be put twice in a transaction.
    public static func put(_ key: [UInt8], _ value: [UInt8], _ options: PutOptions = PutOptions()) -> Operation {
        Operation(.requestPut(options.request(key, value)))
    }
    /// As `EtcdClient.delete`. No key that is put may be deleted in the same transaction.
    public static func delete(_ range: KeyRange, previous: Bool = false) -> Operation {
        Operation(
            .requestDeleteRange(
                .with {
                    $0.key = range.key
                    $0.rangeEnd = range.end
                    $0.prevKv = previous
                }))
    }
}

/// The answer to a transaction.
public struct TransactionResponse: Sendable {
    /// What one step came to.
    public enum Result: Sendable {
        case get(GetResponse)
        case put(PutResponse)
        case delete(DeleteResponse)
        case transaction(TransactionResponse)
    }

    package let message: Etcdserverpb.TxnResponse
    /// The cluster, the member that answered and the store's revision.
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// All conditions held.
    public var succeeded: Bool { message.succeeded }
    /// One for each step of the branch that was taken.
    public var results: [Result] {
        message.responses.compactMap { item in
            switch item.response {
            case .responseRange(let response)?: .get(GetResponse(message: response))
            case .responsePut(let response)?: .put(PutResponse(message: response))
            case .responseDeleteRange(let response)?: .delete(DeleteResponse(message: response))
            case .responseTxn(let response)?: .transaction(TransactionResponse(message: response))
            case nil: nil
            }
        }
    }
}

extension EtcdClient {
    /// Does the steps of `success` when all comparisons hold, of `failure` otherwise, all at one revision or none. Refused
    /// (`invalidArgument`, code 3) when a key is put twice or there are more steps than the server takes, 128 if not set up otherwise.
    /// Never sent twice.
    public func transaction(
        if comparisons: [Comparison], then success: [Operation], else failure: [Operation] = []
    ) throws(ClientError) -> TransactionResponse {
        let request = Etcdserverpb.TxnRequest.with {
            $0.compare = comparisons.map(\.message)
            $0.success = success.map(\.message)
            $0.failure = failure.map(\.message)
        }
        return TransactionResponse(message: try transact(request))
    }
}
