import Base
import Synchronization

/// A queue from many threads to one, for batches. Posting takes a lock for one append; draining swaps arrays under it.
///
/// Unbounded: what may be in flight is bounded by those who post (requests by admission, responses by requests).
@usableFromInline
package final class Mailbox<Item: Sendable>: Sendable {
    @usableFromInline let items = Mutex<[Item]>([])
    @usableFromInline package let waker: Waker

    /// `waker` belongs to the thread that drains; several mailboxes of one thread share it.
    @inlinable
    package init(waker: Waker) { self.waker = waker }

    /// From any thread. Wakes the consumer if it sleeps.
    @inlinable
    package func post(_ item: consuming Item) {
        let item = item
        items.withLock { $0.append(item) }
        waker.wake()
    }

    /// Moves everything posted so far to the end of `batch`, oldest first. Pass an emptied array again: its memory is
    /// exchanged with the mailbox's, so that steady traffic allocates nothing.
    @inlinable
    package func drain(into batch: inout [Item]) {
        items.withLock { posted in
            if batch.isEmpty {
                swap(&posted, &batch)
            } else {
                batch.append(contentsOf: posted)
                posted.removeAll(keepingCapacity: true)
            }
        }
    }
}

/// A mailbox for a thread without an event loop, which sleeps on it.
@usableFromInline
package final class Inbox<Item: Sendable>: Sendable {
    @usableFromInline package let mailbox: Mailbox<Item>

    @inlinable package init(waker: Waker = Waker()) { mailbox = Mailbox(waker: waker) }
    @inlinable package var waker: Waker { mailbox.waker }
    @inlinable package func post(_ item: consuming Item) { mailbox.post(item) }
    @inlinable package func drain(into batch: inout [Item]) { mailbox.drain(into: &batch) }

    /// Sleeps until something is posted or until `deadline` (without one: for ever); then drain. Returns at once when
    /// something was posted since the last wait. May return early with nothing to drain.
    @inlinable package func wait(until deadline: Instant? = nil) { waker.park(until: deadline) }
}
