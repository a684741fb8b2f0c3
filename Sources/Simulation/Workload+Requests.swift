import Base
import Replica
import Wire

/// The requests that clients make: each can be found again in the log by something in it that no other has, and that changes
/// nothing (`OperationTag`).
extension Workload {
    private func number(_ value: UInt64, digits: Int) -> [UInt8] {
        let text = String(value)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }

    func key(_ place: Int) -> [UInt8] { Array("k".utf8) + number(UInt64(place), digits: 2) }

    private func nextMark() -> [UInt8] {
        marks += 1
        return number(marks, digits: OperationTag.valueBytes)
    }

    private func value() -> [UInt8] {
        let padding = mix.valueBytesMax > 0 ? dice.skewed(1...mix.valueBytesMax) : 0
        return nextMark() + [UInt8](repeating: 0x2E, count: padding)
    }

    func drawRequest() -> OperationRequest {
        if hashesLeft > 0, dice.happens(1, in: 2) {
            hashesLeft -= 1
            return .hashKV(.with { $0.revision = lastCompaction + Int64(dice.below(2)) })
        }
        var die = dice.below(1000)
        func falls(_ share: Int) -> Bool {
            die -= share
            return die < 0
        }
        if falls(mix.ranges) { return .range(drawRange(serializable: false)) }
        if falls(mix.serializableRanges) { return .range(drawRange(serializable: true)) }
        if falls(mix.deletes) { return .deleteRange(drawDelete()) }
        if falls(mix.transactions) { return .txn(drawTxn()) }
        if falls(mix.compactions), let compaction = drawCompaction() { return .compact(compaction) }
        if falls(mix.hashes) {
            let revision = dice.happens(1, in: 2) ? 0 : max(0, lastRevision - Int64(dice.below(20)))
            return .hashKV(.with { $0.revision = revision })
        }
        if dice.happens(1, in: 50), !leaseIDs.isEmpty {
            return .leaseTimeToLive(
                .with {
                    $0.id = dice.pick(leaseIDs)
                    $0.keys = true
                })
        }
        return .put(drawPut(key(dice.below(mix.keys))))
    }

    private func drawPut(_ key: [UInt8]) -> Etcdserverpb.PutRequest {
        var put = Etcdserverpb.PutRequest()
        put.key = key
        put.value = value()
        put.prevKv = dice.happens(1, in: 3)
        if !leaseIDs.isEmpty, dice.happens(mix.leasedPuts, in: 100) { put.lease = dice.pick(leaseIDs.suffix(4)) }
        return put
    }

    private func drawRange(serializable: Bool) -> Etcdserverpb.RangeRequest {
        var range = Etcdserverpb.RangeRequest()
        range.serializable = serializable
        range.key = key(dice.below(mix.keys))
        switch dice.below(4) {
        case 0: range.rangeEnd = Array("l".utf8)
        case 1: range.rangeEnd = [0]
        default: break
        }
        if dice.happens(1, in: 5) { range.revision = max(1, lastRevision - Int64(dice.skewed(1...300)) + 1) }
        if dice.happens(1, in: 8) { range.limit = Int64(dice.within(1...5)) }
        if dice.happens(1, in: 10) { range.keysOnly = true }
        if dice.happens(1, in: 20) { range.countOnly = true }
        return range
    }

    /// The end of the range names no key that could be there.
    private func drawDelete() -> Etcdserverpb.DeleteRangeRequest {
        let first = dice.below(mix.keys)
        let last = dice.happens(1, in: 6) ? min(mix.keys - 1, first + dice.below(5)) : first
        var delete = Etcdserverpb.DeleteRangeRequest()
        delete.key = key(first)
        delete.rangeEnd = key(last) + [0] + nextMark()
        delete.prevKv = dice.happens(1, in: 3)
        return delete
    }

    private func drawCompaction() -> Etcdserverpb.CompactionRequest? {
        // Often at the last revision, which may be a deletion's.
        let back = dice.happens(1, in: 2) ? 0 : dice.skewed(1...200)
        let revision = lastRevision - Int64(back)
        guard revision > lastCompaction else { return nil }
        lastCompaction = revision
        if dice.happens(1, in: 2) { hashesLeft = 6 }
        return .with {
            $0.revision = revision
            $0.physical = dice.happens(1, in: 3)
        }
    }

    // MARK: Transactions

    private func drawTxn() -> Etcdserverpb.TxnRequest {
        var txn = Etcdserverpb.TxnRequest()
        // A key that is never there has version 0.
        txn.compare = [
            .with {
                $0.key = Array("t".utf8) + nextMark()
                $0.targetUnion = .version(0)
            }
        ]
        var places = Array(0..<mix.keys)
        dice.shuffle(&places)
        if dice.happens(1, in: 6) {
            txn.success = [rangeOperation(places[0])]
            txn.failure = txn.success
            return txn
        }
        if dice.happens(2, in: 3) { txn.compare.append(drawCompare(places[0])) }
        txn.success = drawOperations(places)
        txn.failure = drawOperations(places)
        if dice.happens(1, in: 8) {
            let nested = Etcdserverpb.TxnRequest.with {
                $0.compare = [drawCompare(places[places.count - 1])]
                $0.success = [rangeOperation(places[0])]
                $0.failure = [rangeOperation(places[0])]
            }
            txn.success.append(.with { $0.request = .requestTxn(nested) })
        }
        return txn
    }

    private func drawCompare(_ place: Int) -> Etcdserverpb.Compare {
        var compare = Etcdserverpb.Compare()
        compare.key = key(place)
        let known = witness.model.number(of: compare.key).flatMap { witness.model.live($0, at: lastRevision) }
        switch dice.below(4) {
        case 0:
            compare.target = .mod
            compare.targetUnion = .modRevision(known?.mod ?? 0)
        case 1:
            compare.target = .create
            compare.result = .greater
            compare.targetUnion = .createRevision(0)
        case 2:
            compare.target = .value
            compare.targetUnion = .value(known?.value ?? [])
        default:
            compare.target = .version
            compare.result = .notEqual
            compare.targetUnion = .version(known?.version ?? 0)
        }
        return compare
    }

    private func rangeOperation(_ place: Int) -> Etcdserverpb.RequestOp {
        .with { $0.request = .requestRange(.with { $0.key = key(place) }) }
    }

    /// On keys of their own each, as etcd demands.
    private func drawOperations(_ places: [Int]) -> [Etcdserverpb.RequestOp] {
        var operations: [Etcdserverpb.RequestOp] = []
        for place in places.prefix(dice.within(1...4)) {
            switch dice.below(6) {
            case 0: operations.append(.with { $0.request = .requestDeleteRange(.with { $0.key = key(place) }) })
            case 1: operations.append(rangeOperation(place))
            case 2:
                // Of the past, perhaps compacted by now: then nothing of the transaction may happen (etcd #18667).
                let revision = max(1, lastRevision - Int64(dice.skewed(1...200)) + 1)
                operations.append(
                    .with {
                        $0.request = .requestRange(
                            .with {
                                $0.key = key(place)
                                $0.revision = revision
                            })
                    })
            default: operations.append(.with { $0.request = .requestPut(drawPut(key(place))) })
            }
        }
        return operations
    }

    // MARK: Bytes

    func method(_ request: OperationRequest) -> Method {
        switch request {
        case .range: .range
        case .put: .put
        case .deleteRange: .deleteRange
        case .txn: .txn
        case .compact: .compact
        case .leaseGrant: .leaseGrant
        case .leaseRevoke: .leaseRevoke
        case .leaseKeepAlive: .leaseKeepAlive
        case .leaseTimeToLive: .leaseTimeToLive
        case .leaseLeases: .leaseLeases
        case .hashKV: .hashKV
        case .memberList: .memberList
        }
    }

    func encoded(_ request: OperationRequest) -> Bytes {
        switch request {
        case .range(let message): message.encoded()
        case .put(let message): message.encoded()
        case .deleteRange(let message): message.encoded()
        case .txn(let message): message.encoded()
        case .compact(let message): message.encoded()
        case .leaseGrant(let message): message.encoded()
        case .leaseRevoke(let message): message.encoded()
        case .leaseKeepAlive(let message): message.encoded()
        case .leaseTimeToLive(let message): message.encoded()
        case .leaseLeases: Bytes()
        case .hashKV(let message): message.encoded()
        case .memberList(let message): message.encoded()
        }
    }

    func outcome(_ answer: Answer, of request: OperationRequest) -> Outcome? {
        guard answer.kind != .failure else { return .failure(answer.text) }
        do throws(WireError) {
            switch request {
            case .range: return .range(try .init(decoding: answer.bytes))
            case .put: return .put(try .init(decoding: answer.bytes))
            case .deleteRange: return .deleteRange(try .init(decoding: answer.bytes))
            case .txn: return .txn(try .init(decoding: answer.bytes))
            case .compact: return .compact(try .init(decoding: answer.bytes))
            case .leaseGrant: return .leaseGrant(try .init(decoding: answer.bytes))
            case .leaseRevoke: return .leaseRevoke(try .init(decoding: answer.bytes))
            case .leaseKeepAlive: return .leaseKeepAlive(try .init(decoding: answer.bytes))
            case .leaseTimeToLive: return .leaseTimeToLive(try .init(decoding: answer.bytes))
            case .leaseLeases: return .leaseLeases(try .init(decoding: answer.bytes))
            case .hashKV: return .hashKV(try .init(decoding: answer.bytes))
            case .memberList: return .memberList(try .init(decoding: answer.bytes))
            }
        } catch { return nil }
    }
}
