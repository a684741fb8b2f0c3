import Base
import Storage
import Testing

@testable import Simulation

@Suite("The simulated disk")
struct VirtualDiskTests {
    private func bytes(_ value: UInt8, _ count: Int) -> Bytes { Bytes([UInt8](repeating: value, count: count)) }

    @Test("what was synced is there after any power loss")
    func syncedStays() throws {
        for seed in 0..<50 as Range<UInt64> {
            var dice = Dice(seed: seed)
            let disk = VirtualDisk()
            try disk.create("a")
            try disk.write(bytes(1, 3000).span, to: "a", at: 0)
            try disk.sync("a")
            disk.syncNames()
            disk.losePower(&dice)
            #expect(disk.read("a")?.array == [UInt8](repeating: 1, count: 3000))
        }
    }

    @Test("of what was not synced, each sector may be old or new, and some mixture of both is met")
    func sectorsAreTorn() throws {
        var mixed = 0
        for seed in 0..<100 as Range<UInt64> {
            var dice = Dice(seed: seed)
            let disk = VirtualDisk()
            try disk.create("a")
            try disk.write(bytes(1, 4096).span, to: "a", at: 0)
            try disk.sync("a")
            disk.syncNames()
            try disk.write(bytes(2, 4096).span, to: "a", at: 0)
            disk.losePower(&dice)
            let found = try #require(disk.read("a")).array
            for sector in 0..<8 {
                let part = found[sector * 512..<sector * 512 + 512]
                #expect(part.allSatisfy { $0 == 1 } || part.allSatisfy { $0 == 2 })
            }
            if Set(found).count == 2 { mixed += 1 }
        }
        #expect(mixed > 10)
    }

    @Test("a process that is killed loses nothing that it wrote")
    func killKeepsPageCache() throws {
        let disk = VirtualDisk()
        try disk.create("a")
        try disk.write(bytes(7, 100).span, to: "a", at: 0)
        #expect(disk.read("a")?.array == [UInt8](repeating: 7, count: 100))
    }

    @Test("a new name may be gone after a power loss until its directory is synced, and a renamed file has one of its names")
    func names() throws {
        var lost = 0
        for seed in 0..<60 as Range<UInt64> {
            var dice = Dice(seed: seed)
            let disk = VirtualDisk()
            try disk.create("a.tmp")
            disk.syncNames()
            try disk.rename("a.tmp", to: "a")
            disk.losePower(&dice)
            #expect(disk.list() == ["a"] || disk.list() == ["a.tmp"])
            if disk.list() == ["a.tmp"] { lost += 1 }
        }
        #expect(lost > 0 && lost < 60)
    }

    @Test("a full disk takes what fits in the room that was reserved, and nothing more")
    func full() throws {
        let disk = VirtualDisk()
        try disk.create("a")
        try disk.resize("a", to: 1000)
        disk.isFull = true
        try disk.write(bytes(1, 1000).span, to: "a", at: 0)
        #expect(throws: Stop.diskFull) { try disk.write(bytes(1, 1).span, to: "a", at: 1000) }
        #expect(throws: Stop.diskFull) { try disk.create("b") }
    }

    @Test("a failed sync leaves what was written unsynced")
    func failedSync() throws {
        let disk = VirtualDisk()
        try disk.create("a")
        disk.failsNextSync = true
        #expect(throws: (any Error).self) { try disk.sync("a") }
        try disk.sync("a")
    }

    @Test("of a database a power loss takes the last commit at most, and none that was synced")
    func database() {
        for seed in 0..<20 as Range<UInt64> {
            var dice = Dice(seed: seed)
            let database = VirtualDatabase()
            let before = database.disk
            database.willCommit()
            database.sync()
            database.losePower(&dice)
            #expect(database.disk === before)
        }
    }
}

@Suite("The simulated clock")
struct VirtualClockTests {
    @Test("it shows a deadline at the time it says, however it drifts")
    func deadlines() {
        for drift in [-100_000, -1000, 0, 7, 100_000] as [Int64] {
            var clock = VirtualClock(showing: Instant(nanoseconds: 5_000_000))
            clock.setDrift(drift, at: Instant(nanoseconds: 1_000))
            clock.jump(by: .milliseconds(3), at: Instant(nanoseconds: 2_000))
            let now = Instant(nanoseconds: 10_000)
            let deadline = clock.reading(at: now) + .milliseconds(250)
            let time = clock.time(showing: deadline, now: now)
            #expect(clock.reading(at: time) >= deadline)
            #expect(clock.reading(at: time) - deadline < .microseconds(1000))
        }
    }

    @Test("it never goes back")
    func monotonic() {
        var dice = Dice(seed: 3)
        var clock = VirtualClock(showing: Instant(nanoseconds: 0))
        var last = Instant(nanoseconds: 0)
        for step in 1..<1000 as Range<Int64> {
            let now = Instant(nanoseconds: step * 1_000_003)
            if dice.happens(1, in: 3) { clock.setDrift(Int64(dice.within(-100_000...100_000)), at: now) }
            #expect(clock.reading(at: now) >= last)
            last = clock.reading(at: now)
        }
    }
}

@Suite("The event queue")
struct EventQueueTests {
    @Test("events come out by time, and those of one instant in the order in which they went in")
    func order() {
        var queue = EventQueue()
        var dice = Dice(seed: 1)
        for number in 0..<500 { queue.push(.turn, at: Instant(nanoseconds: Int64(dice.below(40))), node: number, epoch: 0) }
        var last: (Int64, UInt16) = (-1, 0)
        while let event = queue.pop() {
            #expect(event.time > last.0 || (event.time == last.0 && event.node > last.1))
            last = (event.time, event.node)
        }
    }
}
