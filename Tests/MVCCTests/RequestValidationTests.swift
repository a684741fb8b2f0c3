import Base
import Testing
import Wire

@testable import MVCC

@Suite struct RequestValidationTests {
    private func bytes(_ message: some WireMessage) -> Bytes {
        var buffer = ByteBuffer()
        message.encode(into: &buffer)
        return Bytes(buffer.freeze())
    }

    private func check(_ request: PB.TxnRequest, operationsMax: Int = 128) throws -> StoreError? {
        let message = bytes(request)
        var plan = TxnPlan()
        try plan.decode(message.span)
        do { try RequestValidation.check(plan, in: message.span, operationsMax: operationsMax) } catch { return error }
        return nil
    }

    private func put(_ key: String) -> PB.RequestOp { operation(.requestPut(.with { $0.key = Array(key.utf8) })) }

    private func delete(_ key: String, _ end: String = "") -> PB.RequestOp {
        operation(
            .requestDeleteRange(
                .with {
                    $0.key = Array(key.utf8); $0.rangeEnd = Array(end.utf8)
                }))
    }

    private func nested(success: [PB.RequestOp] = [], failure: [PB.RequestOp] = []) -> PB.RequestOp {
        operation(
            .requestTxn(
                .with {
                    $0.success = success; $0.failure = failure
                }))
    }

    private func operation(_ request: PB.RequestOp.Request) -> PB.RequestOp { .with { $0.request = request } }

    private func txn(_ success: [PB.RequestOp], _ failure: [PB.RequestOp] = []) -> PB.TxnRequest {
        .with {
            $0.success = success; $0.failure = failure
        }
    }

    @Test func `single requests are refused for what they say themselves`() throws {
        func range(_ change: (inout PB.RangeRequest) -> Void) throws -> StoreError? {
            let message = bytes(PB.RangeRequest.with(change))
            let view = try PB.RangeRequest.View(decoding: message.span)
            do { try RequestValidation.check(view) } catch { return error }
            return nil
        }
        #expect(try range { _ in } == .emptyKey)
        #expect(
            try range {
                $0.key = [1]; $0.sortOrder = .init(rawValue: 3)
            } == .invalidSortOption)
        #expect(
            try range {
                $0.key = [1]; $0.sortTarget = .init(rawValue: -1)
            } == .invalidSortOption)
        #expect(
            try range {
                $0.key = [1]; $0.sortTarget = .value; $0.sortOrder = .descend
            } == nil)
        func put(_ change: (inout PB.PutRequest) -> Void) throws -> StoreError? {
            let message = bytes(PB.PutRequest.with(change))
            let view = try PB.PutRequest.View(decoding: message.span)
            do { try RequestValidation.check(view) } catch { return error }
            return nil
        }
        #expect(try put { $0.value = [1] } == .emptyKey)
        #expect(
            try put {
                $0.key = [1]; $0.value = [1]; $0.ignoreValue = true
            } == .valueProvided)
        #expect(
            try put {
                $0.key = [1]; $0.lease = 1; $0.ignoreLease = true
            } == .leaseProvided)
        #expect(
            try put {
                $0.key = [1]; $0.ignoreLease = true; $0.ignoreValue = true
            } == nil)
    }

    @Test func `errors have etcd's texts and codes`() {
        #expect(StoreError.compacted.status?.text == "etcdserver: mvcc: required revision has been compacted")
        #expect(StoreError.compacted.status?.code == 11)
        #expect(StoreError.tooManyOperations.status?.text == "etcdserver: too many operations in txn request")
        #expect(StoreError.leaseNotFound.status?.code == 5)
        #expect(GRPCError.requestTooManyRequests.code == 2 && GRPCError.noSpace.code == 8)
        #expect(Set(GRPCError.allCases.map(\.text)).count == GRPCError.allCases.count)
    }

    @Test func `a transaction's operations are checked like single requests, in both branches`() throws {
        #expect(try check(txn([PB.RequestOp()])) == .keyNotFound)
        #expect(try check(txn([], [put("")])) == .emptyKey)
        #expect(try check(txn([nested(failure: [delete("")])])) == .emptyKey)
        #expect(try check(.with { $0.compare = [PB.Compare()] }) == .emptyKey)
        #expect(
            try check(
                txn([
                    operation(
                        .requestRange(
                            .with {
                                $0.key = [1]; $0.sortTarget = .init(rawValue: 9)
                            }))
                ])) == .invalidSortOption)
    }

    /// limits.tsv: a nested transaction may have what the largest list of its parent leaves of the limit.
    @Test func `operations are limited per level`() throws {
        let ranges = [PB.RequestOp](repeating: operation(.requestRange(.with { $0.key = [1] })), count: 4)
        #expect(try check(txn(ranges), operationsMax: 4) == nil)
        #expect(try check(txn(ranges), operationsMax: 3) == .tooManyOperations)
        #expect(try check(txn([nested(success: ranges)]), operationsMax: 5) == nil)
        #expect(try check(txn([nested(success: ranges)]), operationsMax: 4) == .tooManyOperations)
        #expect(try check(txn([nested(success: ranges)], ranges), operationsMax: 7) == .tooManyOperations)
    }

    @Test func `no key is changed twice`() throws {
        #expect(try check(txn([put("a"), put("b")], [put("a")])) == nil)
        #expect(try check(txn([put("a"), put("a")])) == .duplicateKey)
        #expect(try check(txn([], [put("a"), delete("a")])) == .duplicateKey)
        #expect(try check(txn([delete("a", "c"), put("b")])) == .duplicateKey)
        #expect(try check(txn([delete("a", "c"), put("c")])) == nil)
        #expect(try check(txn([delete("a"), delete("a")])) == nil)
    }

    /// Checked against etcd 3.5.1: the interval [a, "\0") is empty to it.
    @Test func `a deletion to the end of the key space is taken for no overlap`() throws {
        #expect(try check(txn([delete("a", "\0"), put("b")])) == nil)
    }

    @Test func `nested branches count against their surroundings but not against each other`() throws {
        #expect(try check(txn([nested(success: [put("a")], failure: [put("a")])])) == nil)
        #expect(try check(txn([nested(success: [put("a")]), put("a")])) == .duplicateKey)
        #expect(try check(txn([nested(success: [put("a")]), nested(failure: [put("a")])])) == .duplicateKey)
        #expect(try check(txn([nested(success: [put("a")]), delete("a")])) == .duplicateKey)
        #expect(try check(txn([nested(success: [delete("a")]), put("a")])) == .duplicateKey)
        // Only what comes before is held against a nested transaction's puts.
        #expect(try check(txn([nested(success: [delete("a")]), nested(success: [put("a")])])) == .duplicateKey)
        #expect(try check(txn([nested(success: [put("a")]), nested(success: [delete("a")])])) == nil)
        #expect(try check(txn([nested(success: [put("a"), put("a")])])) == .duplicateKey)
    }

    @Test func `bytes that are no transaction are an error and not a trap`() {
        var random = RandomSource(seed: 5)
        var plan = TxnPlan()
        for _ in 0..<2000 {
            let noise = Bytes(
                (0..<Int.random(in: 0..<24, using: &random)).map { _ in
                    Bool.random(using: &random)
                        ? [0x0A, 0x12, 0x1A, 0x22, 0x02, 0x04].randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
                })
            do {
                try plan.decode(noise.span)
                try? RequestValidation.check(plan, in: noise.span, operationsMax: 128)
            } catch { continue }
        }
        var deep = ByteBuffer()
        for _ in 0..<1000 {
            let size = deep.count
            deep.insert(varint: UInt64(size), at: 0)
            deep.insert(varint: 0x22, at: 0)
            let outer = deep.count
            deep.insert(varint: UInt64(outer), at: 0)
            deep.insert(varint: 0x12, at: 0)
        }
        var failure: WireError?
        do { try plan.decode(deep.span) } catch { failure = error }
        #expect(failure != nil)
    }
}
