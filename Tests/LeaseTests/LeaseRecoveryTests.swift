import Base
import Lease
import Testing

private let start = Instant(nanoseconds: 5_000_000_000)

private func row(_ key: [UInt8], _ value: [UInt8]) throws(LeaseError) -> LeaseRow {
    let key = Bytes(key)
    let value = Bytes(value)
    return try LeaseRow(key: key.span, value: value.span)
}

@Suite struct LeaseRecoveryTests {
    @Test func `a row is stored as etcd stores it`() throws {
        let lease = LeaseRow(id: LeaseID(0x1234), ttl: 300)
        #expect(LeaseRow.key(lease.id) == [0, 0, 0, 0, 0, 0, 0x12, 0x34])
        #expect(lease.value == [0x08, 0xB4, 0x24, 0x10, 0xAC, 0x02])
        #expect(try row(LeaseRow.key(lease.id), lease.value) == lease)
        let checkpointed = LeaseRow(id: LeaseID(1), ttl: 300, remainingTTL: 7)
        #expect(checkpointed.value == [0x08, 0x01, 0x10, 0xAC, 0x02, 0x18, 0x07])
        #expect(try row(LeaseRow.key(checkpointed.id), checkpointed.value) == checkpointed)
    }

    // A lease with a negative id (clients may choose one) was not found again after a restart.
    @Test func `etcd 14239: a lease with a negative id survives a restart`() throws {
        let lease = LeaseRow(id: LeaseID(-5), ttl: 60)
        let back = try row(LeaseRow.key(lease.id), lease.value)
        var lessor = Lessor(minimumTTL: 2)
        lessor.recover(back, now: start)
        let found = lessor.contains(LeaseID(-5))
        #expect(found)
    }

    @Test func `damaged rows are refused with a message that names them`() {
        let value = LeaseRow(id: LeaseID(1), ttl: 60).value
        #expect(throws: LeaseError.self) { try row([1, 2, 3], value) }
        #expect(throws: LeaseError.self) { try row(LeaseRow.key(LeaseID(2)), value) }
        #expect(throws: LeaseError.self) { try row(LeaseRow.key(LeaseID(1)), [0x08, 0xFF]) }
        #expect(throws: LeaseError.self) { try row(LeaseRow.key(.zero), []) }
        do { _ = try row([1, 2, 0xAB], value) } catch { #expect(error.message.contains("bucket lease, key 0102ab")) }
    }

    @Test func `after a restart a lease has its whole TTL again`() throws {
        var lessor = Lessor(minimumTTL: 2)
        lessor.recover(LeaseRow(id: LeaseID(1), ttl: 60), now: start)
        lessor.promote(extension: .seconds(1), now: start)
        let next = lessor.nextDeadline
        #expect(next == start + .seconds(61))
    }

    @Test func `after a restart a checkpointed lease has what the checkpoint left of it, until it is renewed`() throws {
        var lessor = Lessor(minimumTTL: 2, checkpointInterval: .seconds(300))
        lessor.recover(LeaseRow(id: LeaseID(1), ttl: 600, remainingTTL: 200), now: start)
        lessor.promote(extension: .seconds(1), now: start)
        let next = lessor.nextDeadline
        #expect(next == start + .seconds(201))
        let renewal = lessor.renew(LeaseID(1), now: start + .seconds(10))
        #expect(renewal == .renewed(ttl: 600, clearsCheckpoint: true))
        let renewed = lessor.nextDeadline
        #expect(renewed == start + .seconds(610))
        let again = lessor.renew(LeaseID(1), now: start + .seconds(20))
        #expect(again == .renewed(ttl: 600, clearsCheckpoint: false))
    }

    @Test func `rows outside the bounds are brought inside them`() {
        var lessor = Lessor(minimumTTL: 5)
        lessor.promote(extension: .zero, now: start)
        lessor.recover(LeaseRow(id: LeaseID(1), ttl: 1), now: start)
        lessor.recover(LeaseRow(id: LeaseID(2), ttl: .max, remainingTTL: -3), now: start)
        lessor.recover(LeaseRow(id: .zero, ttl: 10), now: start)
        let next = lessor.nextDeadline
        let list = lessor.list()
        #expect(next == start + .seconds(5) && list == [LeaseID(1), LeaseID(2)])
    }

    @Test func `long leases are checkpointed every interval, short ones never`() throws {
        var lessor = Lessor(minimumTTL: 2, checkpointInterval: .seconds(300))
        lessor.promote(extension: .zero, now: start)
        _ = try lessor.grant(LeaseID(1), ttl: 1000, now: start)
        _ = try lessor.grant(LeaseID(2), ttl: 300, now: start)
        var records: [[Int64]] = []
        for round in 1...3 {
            let now = start + .seconds(Int64(round) * 300)
            for (id, remaining) in lessor.dueCheckpoints(now: now) {
                records.append([id.rawValue, remaining])
                let row = lessor.checkpoint(id, remainingTTL: remaining, now: now)
                #expect(row == LeaseRow(id: id, ttl: 1000, remainingTTL: remaining))
            }
        }
        #expect(records == [[1, 700], [1, 400], [1, 100]])
    }
}
