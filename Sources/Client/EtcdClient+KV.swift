import Wire

/// How a get differs from the plain one.
public struct GetOptions: Sendable {
    public enum Order: Sendable { case none, ascending, descending }
    public enum Target: Sendable { case key, version, createRevision, modRevision, value }

    /// As the store was then; 0: now.
    public var revision: Int64 = 0
    /// At most so many keys; 0: all.
    public var limit: Int64 = 0
    public var order = Order.none
    public var target = Target.key
    /// From the member's own copy, which may be behind, without asking the others.
    public var serializable = false
    public var keysOnly = false
    public var countOnly = false
    /// Only keys whose last change, or creation, lies in these revisions; 0: no bound.
    public var minModRevision: Int64 = 0
    public var maxModRevision: Int64 = 0
    public var minCreateRevision: Int64 = 0
    public var maxCreateRevision: Int64 = 0
    public init() {}
}

/// How a put differs from the plain one.
public struct PutOptions: Sendable {
    /// The lease to attach the key to; 0: none.
    public var lease: Int64 = 0
    public var previousKeyValue = false
    /// Keep the present value, or lease; an error when the key is not there.
    public var ignoreValue = false
    public var ignoreLease = false
    public init() {}
}

/// The answer to a get.
public struct GetResponse: Sendable {
    package let message: Etcdserverpb.RangeResponse
    public var header: ResponseHeader { ResponseHeader(message.header) }
    public var keyValues: [KeyValue] { message.kvs.map(KeyValue.init) }
    /// The limit left some out.
    public var more: Bool { message.more }
    /// Keys in the range, whatever the limit.
    public var count: Int64 { message.count }
}

/// The answer to a put.
public struct PutResponse: Sendable {
    package let message: Etcdserverpb.PutResponse
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// If it was asked for and there was one.
    public var previous: KeyValue? { message.prevKv.map(KeyValue.init) }
}

/// The answer to a delete.
public struct DeleteResponse: Sendable {
    package let message: Etcdserverpb.DeleteRangeResponse
    public var header: ResponseHeader { ResponseHeader(message.header) }
    public var deleted: Int64 { message.deleted }
    public var previous: [KeyValue] { message.prevKvs.map(KeyValue.init) }
}

extension EtcdClient {
    /// Reads keys.
    public func get(_ range: KeyRange, _ options: GetOptions = GetOptions()) throws(ClientError) -> GetResponse {
        GetResponse(message: try call(.range, options.request(range)))
    }

    /// Reads one key; nil when it is not there.
    public func get(_ key: [UInt8]) throws(ClientError) -> KeyValue? { try get(.key(key)).keyValues.first }

    @discardableResult
    public func put(_ key: [UInt8], _ value: [UInt8], _ options: PutOptions = PutOptions()) throws(ClientError) -> PutResponse {
        PutResponse(message: try call(.put, options.request(key, value)))
    }

    @discardableResult
    public func delete(_ range: KeyRange, previous: Bool = false) throws(ClientError) -> DeleteResponse {
        let request = Etcdserverpb.DeleteRangeRequest.with {
            $0.key = range.key
            $0.rangeEnd = range.end
            $0.prevKv = previous
        }
        return DeleteResponse(message: try call(.deleteRange, request))
    }

    /// Forgets what was before `revision`. With `physical` waits until the space is free.
    public func compact(_ revision: Int64, physical: Bool = false) throws(ClientError) {
        let request = Etcdserverpb.CompactionRequest.with {
            $0.revision = revision
            $0.physical = physical
        }
        _ = try call(.compact, request, returning: Etcdserverpb.CompactionResponse.self)
    }

    package func transact(_ request: Etcdserverpb.TxnRequest) throws(ClientError) -> Etcdserverpb.TxnResponse { try call(.txn, request) }
}

extension GetOptions {
    package func request(_ range: KeyRange) -> Etcdserverpb.RangeRequest {
        .with {
            $0.key = range.key
            $0.rangeEnd = range.end
            $0.limit = limit
            $0.revision = revision
            $0.sortOrder = order == .ascending ? .ascend : order == .descending ? .descend : .none
            $0.sortTarget =
                switch target {
                case .key: .key
                case .version: .version
                case .createRevision: .create
                case .modRevision: .mod
                case .value: .value
                }
            $0.serializable = serializable
            $0.keysOnly = keysOnly
            $0.countOnly = countOnly
            $0.minModRevision = minModRevision
            $0.maxModRevision = maxModRevision
            $0.minCreateRevision = minCreateRevision
            $0.maxCreateRevision = maxCreateRevision
        }
    }
}

extension PutOptions {
    package func request(_ key: [UInt8], _ value: [UInt8]) -> Etcdserverpb.PutRequest {
        .with {
            $0.key = key
            $0.value = value
            $0.lease = lease
            $0.prevKv = previousKeyValue
            $0.ignoreValue = ignoreValue
            $0.ignoreLease = ignoreLease
        }
    }
}
