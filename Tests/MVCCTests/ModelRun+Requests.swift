import Base
import Wire

@testable import MVCC

/// Random requests on few keys, so that they meet.
extension ModelRun {
    // MARK: random requests

    mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
    mutating func chance(_ percent: Int) -> Bool { pick(100) < percent }

    mutating func key() -> [UInt8] {
        let names = ["a", "a\0", "aa", "ab", "b", "ba", "c", "\0", "d/1", "d/2", "d/3", "\u{7F}long long long long long long key", "z"]
        return Array(names[pick(names.count)].utf8)
    }

    mutating func rangeEnd() -> [UInt8] {
        switch pick(4) {
        case 0: []
        case 1: [0]
        default: key()
        }
    }

    mutating func revision() -> Int64 { chance(60) ? 0 : Int64(pick(Int(model.currentRevision) + 3)) - 1 }

    mutating func rangeRequest() -> PB.RangeRequest {
        var request = PB.RangeRequest()
        request.key = key()
        request.rangeEnd = rangeEnd()
        if chance(40) { request.limit = Int64(pick(5)) - 1 }
        request.revision = revision()
        if chance(30) {
            request.sortOrder = PB.RangeRequest.SortOrder(rawValue: Int32(pick(3)))
            request.sortTarget = PB.RangeRequest.SortTarget(rawValue: Int32(pick(5)))
        }
        request.keysOnly = chance(20)
        request.countOnly = chance(10)
        if chance(10) { request.minModRevision = Int64(pick(Int(model.currentRevision))) }
        if chance(10) { request.maxModRevision = Int64(pick(Int(model.currentRevision))) }
        if chance(10) { request.minCreateRevision = Int64(pick(Int(model.currentRevision))) }
        if chance(10) { request.maxCreateRevision = Int64(pick(Int(model.currentRevision))) }
        return request
    }

    mutating func putRequest() -> PB.PutRequest {
        var request = PB.PutRequest()
        request.key = key()
        request.prevKv = chance(30)
        request.ignoreValue = chance(15)
        request.ignoreLease = chance(15)
        if !request.ignoreValue, chance(90) { request.value = (0..<pick(6)).map { _ in UInt8.random(in: 97...99, using: &random) } }
        if !request.ignoreLease, chance(30) { request.lease = Int64(7 + pick(20) / 9) }
        return request
    }

    mutating func deleteRequest() -> PB.DeleteRangeRequest {
        var request = PB.DeleteRangeRequest()
        request.key = key()
        request.rangeEnd = chance(50) ? [] : rangeEnd()
        request.prevKv = chance(40)
        return request
    }

    mutating func compare() -> PB.Compare {
        var compare = PB.Compare()
        compare.result = PB.Compare.CompareResult(rawValue: Int32(pick(4)))
        compare.target = PB.Compare.CompareTarget(rawValue: Int32(pick(5)))
        compare.key = key()
        if chance(30) { compare.rangeEnd = rangeEnd() }
        switch chance(90) ? Int(compare.target.rawValue) : pick(6) {
        case 0: compare.targetUnion = .version(Int64(pick(3)))
        case 1: compare.targetUnion = .createRevision(Int64(pick(3)))
        case 2: compare.targetUnion = .modRevision(Int64(pick(Int(model.currentRevision) + 1)))
        case 3: compare.targetUnion = .value(chance(50) ? [] : [98])
        case 4: compare.targetUnion = .lease(Int64(pick(9)))
        default: break
        }
        return compare
    }

    mutating func txnRequest(depth: Int) -> PB.TxnRequest {
        var request = PB.TxnRequest()
        for _ in 0..<pick(3) { request.compare.append(compare()) }
        for _ in 0..<pick(4) { request.success.append(operation(depth)) }
        for _ in 0..<pick(4) { request.failure.append(operation(depth)) }
        return request
    }

    mutating func operation(_ depth: Int) -> PB.RequestOp {
        var operation = PB.RequestOp()
        switch pick(depth < 2 ? 8 : 6) {
        case 0, 1: operation.request = .requestRange(rangeRequest())
        case 2, 3, 4: operation.request = .requestPut(putRequest())
        case 5: operation.request = .requestDeleteRange(deleteRequest())
        default: operation.request = .requestTxn(txnRequest(depth: depth + 1))
        }
        return operation
    }
}
