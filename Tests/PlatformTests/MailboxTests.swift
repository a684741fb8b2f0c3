import Base
import Platform
import Synchronization
import Testing

@Suite struct MailboxTests {
    @Test func `a waiting thread gets everything that several threads post, each sender's items in order`() throws {
        let inbox = Inbox<(sender: Int, number: Int)>()
        let senders = 4
        let each = 20_000
        let threads = try (0..<senders).map { sender in
            try Thread.start(name: "sender \(sender)") {
                for number in 0..<each { inbox.post((sender, number)) }
            }
        }
        var next = [Int](repeating: 0, count: senders)
        var received = 0
        var batch: [(sender: Int, number: Int)] = []
        let limit = Clock.now + .seconds(60)
        while received < senders * each, Clock.now < limit {
            inbox.wait(until: limit)
            inbox.drain(into: &batch)
            for item in batch {
                if item.number != next[item.sender] { Issue.record("\(item) came when \(next[item.sender]) was due") }
                next[item.sender] = item.number + 1
            }
            received += batch.count
            batch.removeAll(keepingCapacity: true)
        }
        for thread in threads { thread.join() }
        #expect(received == senders * each)
    }

    @Test func `waiting ends at the deadline when nothing is posted`() {
        let inbox = Inbox<Int>()
        let start = Clock.now
        inbox.wait(until: start + .milliseconds(20))
        #expect(Clock.now - start >= .milliseconds(19))
        inbox.wait(until: start)
    }

    @Test func `an event loop that sleeps is woken by a post`() throws {
        final class Receiver: TurnHandler {
            let mailbox: Mailbox<Int>
            var received: [Int] = []
            init(_ mailbox: Mailbox<Int>) { self.mailbox = mailbox }
            func turn(now: Instant) { mailbox.drain(into: &received) }
        }
        let loop = try EventLoop()
        let mailbox = Mailbox<Int>(waker: loop.waker)
        let receiver = Receiver(mailbox)
        loop.addTurnHandler(receiver, phase: .receive)
        let thread = try Thread.start(name: "sender") {
            for number in 0..<1000 { mailbox.post(number) }
        }
        let limit = Clock.now + .seconds(60)
        while receiver.received.count < 1000, Clock.now < limit { loop.turn(until: limit) }
        thread.join()
        #expect(receiver.received == Array(0..<1000))
    }
}
