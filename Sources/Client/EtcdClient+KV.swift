import Wire

/// How a get differs from the plain one.
public struct GetOptions: Sendable {
    /// `none`: as the server has them at hand, which for keys is ascending.
    public enum Order: Sendable { case none, ascending, descending }
    /// By what the keys are sorted.
    public enum Target: Sendable { case key, version, createRevision, modRevision, value }

    /// As the store was then; 0 and below: now. One that has been compacted (`isCompacted`) or is yet to come is an error.
    public var revision: Int64 = 0
    /// At most so many keys; 0: all.
    public var limit: Int64 = 0
    /// The order of the keys in the answer. Any other than the default makes the server read all keys of the range.
    public var order = Order.none
    /// What `order` goes by.
    public var target = Target.key
    /// From the member's own copy, which may be behind, without asking the others.
    public var serializable = false
    /// Without the values, which are empty then.
    public var keysOnly = false
    /// Without the keys: the answer has their count alone.
    public var countOnly = false
    /// Only keys that were changed last at this revision or later; 0: no bound. `count` in the answer heeds none of the four bounds.
    public var minModRevision: Int64 = 0
    /// Only keys that were changed last at this revision or before; 0: no bound.
    public var maxModRevision: Int64 = 0
    /// Only keys that were created at this revision or later; 0: no bound.
    public var minCreateRevision: Int64 = 0
    /// Only keys that were created at this revision or before; 0: no bound.
    public var maxCreateRevision: Int64 = 0
    /// A plain get.
    public init() {}
}

/// How a put differs from the plain one.
public struct PutOptions: Sendable {
    /// The lease to attach the key to; 0: none. One that does not exist is an error (`isLeaseNotFound`).
    public var lease: Int64 = 0
    /// The answer has what was there before.
    public var previousKeyValue = false
    /// Keep the present value; an error when the key is not there, or when a value is given all the same.
    public var ignoreValue = false
    /// Keep the present lease; an error when the key is not there, or when a lease is given all the same.
    public var ignoreLease = false
    /// A plain put.
    public init() {}
}

/// The answer to a get.
public struct GetResponse: Sendable {
    package let message: Etcdserverpb.RangeResponse
    /// The cluster, the member that answered and the store's revision.
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// What was found, sorted as asked for.
    public var keyValues: [KeyValue] { message.kvs.map(KeyValue.init) }
    /// The limit left some out.
    public var more: Bool { message.more }
    /// Keys in the range, whatever the limit.
    public var count: Int64 { message.count }
}

/// The answer to a put.
public struct PutResponse: Sendable {
    package let message: Etcdserverpb.PutResponse
    /// The cluster, the member that answered and the store's revision.
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// If it was asked for and there was one.
    public var previous: KeyValue? { message.prevKv.map(KeyValue.init) }
}

/// The answer to a delete.
public struct DeleteResponse: Sendable {
    package let message: Etcdserverpb.DeleteRangeResponse
    /// The cluster, the member that answered and the store's revision.
    public var header: ResponseHeader { ResponseHeader(message.header) }
    /// How many keys there were.
    public var deleted: Int64 { message.deleted }
    /// What they were, if that was asked for.
    public var previous: [KeyValue] { message.prevKvs.map(KeyValue.init) }
}

extension EtcdClient {
    /// Reads keys. A revision that has been compacted or is yet to come, and options that contradict each other, are errors
    /// (`outOfRange`, code 11; `invalidArgument`, code 3). Tried again while servers are unavailable and there is time.
    public func get(_ range: KeyRange, _ options: GetOptions = GetOptions()) throws(ClientError) -> GetResponse {
        GetResponse(message: try call(.range, options.request(range)))
    }

    /// Reads one key; nil when it is not there.
    public func get(_ key: [UInt8]) throws(ClientError) -> KeyValue? { try get(.key(key)).keyValues.first }

    /// Sets a key. The key must not be empty; key and value together may have some 1.5 MB, as the server is set up. When the answer
    /// does not come, `mayHaveRun` of the error tells whether it may have happened; it is never sent twice.
    @discardableResult
    public func put(_ key: [UInt8], _ value: [UInt8], _ options: PutOptions = PutOptions()) throws(ClientError) -> PutResponse {
        PutResponse(message: try call(.put, options.request(key, value)))
    }

    /// Deletes keys; with `previous` the answer has what they were. As for `put`, it is never sent twice.
    @discardableResult
    public func delete(_ range: KeyRange, previous: Bool = false) throws(ClientError) -> DeleteResponse {
        let request = Etcdserverpb.DeleteRangeRequest.with {
            $0.key = range.key
            $0.rangeEnd = range.end
            $0.prevKv = previous
        }
        return DeleteResponse(message: try call(.deleteRange, request))
    }

    /// Forgets what was before `revision`. With `physical` waits until the space is free, which may take long: see `timeout`. Fails
    /// (`isCompacted`, or `outOfRange`, code 11) when it has been compacted or is yet to come.
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
