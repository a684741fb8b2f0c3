"""What clients asked of a server and were told, and whether what the server holds after a crash can be explained by it.

The rule: an acknowledged operation is there, whole and at the revision it was acknowledged with; an operation without an
answer is there whole or not at all; nothing else is there but the ends of leases, and none of those before its time.
"""

import dataclasses
import threading
import time


@dataclasses.dataclass(eq=False)
class Operation:
    """`deletes` are ranges [key, end); which keys they hit is known only from the answer."""

    number: int
    puts: dict[bytes, bytes] = dataclasses.field(default_factory=dict)
    deletes: list[tuple[bytes, bytes]] = dataclasses.field(default_factory=list)
    lease: int = 0
    revision: int | None = None
    deleted: frozenset[bytes] = frozenset()

    def may_delete(self, key: bytes) -> bool:
        return any(first <= key < end for first, end in self.deletes)


@dataclasses.dataclass
class Lease:
    identity: int
    ttl: int
    asked_at: float
    granted: bool = False
    revoke_asked: bool = False
    revoked: bool = False

    def over(self) -> bool:
        """Whether it may have run out by now."""
        return time.monotonic() >= self.asked_at + self.ttl


@dataclasses.dataclass(frozen=True)
class Event:
    revision: int
    key: bytes
    value: bytes | None
    lease: int


class Violation(AssertionError):
    pass


class History:
    def __init__(self):
        self.lock = threading.Lock()
        self.operations = 0
        self.acknowledged = 0
        self.acknowledged_revision = 1
        # Operations since the last check: by revision where acknowledged, else in `open`.
        self.closed: dict[int, Operation] = {}
        self.open: set[Operation] = set()
        self.leases: dict[int, Lease] = {}
        # The state at `verified` as the checked events made it: key -> (value, mod revision, lease).
        self.state: dict[bytes, tuple[bytes, int, int]] = {}
        self.verified = 1
        self.compaction_asked = 0
        self.compaction_acknowledged = 0

    # Called by the writers.

    def begin(self, **what) -> Operation:
        with self.lock:
            self.operations += 1
            operation = Operation(self.operations, **what)
            self.open.add(operation)
            return operation

    def end(self, operation: Operation, revision: int, deleted=frozenset(), changed=True) -> None:
        with self.lock:
            self.open.discard(operation)
            self.acknowledged += 1
            self.acknowledged_revision = max(self.acknowledged_revision, revision)
            if not changed:
                return
            if revision in self.closed:
                raise Violation(f"revision {revision} was given to two operations: {self.closed[revision]} and {operation}")
            operation.revision, operation.deleted = revision, frozenset(deleted)
            self.closed[revision] = operation

    def lease_asked(self, identity: int, ttl: int) -> Lease:
        with self.lock:
            lease = self.leases[identity] = Lease(identity, ttl, time.monotonic())
            return lease

    def compaction(self, revision: int, acknowledged: bool) -> None:
        with self.lock:
            self.compaction_asked = max(self.compaction_asked, revision)
            if acknowledged:
                self.compaction_acknowledged = max(self.compaction_acknowledged, revision)

    # Called after a restart, with no writer running.

    def check(self, revision: int, compacted: int, events: list[Event], rows: dict[bytes, tuple[bytes, int, int]]) -> None:
        """`events` are all after max(verified, compacted) up to `revision`, in the order the server told them; `rows` is
        the server's state at `revision`."""
        if revision < self.acknowledged_revision:
            raise Violation(f"revision {revision} after the restart, {self.acknowledged_revision} was acknowledged before")
        if not self.compaction_acknowledged <= compacted <= self.compaction_asked:
            raise Violation(
                f"compacted at {compacted}; {self.compaction_acknowledged} was acknowledged, {self.compaction_asked} asked for")
        first = max(self.verified, compacted) + 1
        told: dict[int, list[Event]] = {}
        for event in events:
            told.setdefault(event.revision, []).append(event)
        for number, group in told.items():
            self.check_group(number, group)
        for number, operation in self.closed.items():
            if number >= first and number not in told:
                raise Violation(f"acknowledged and lost: {operation}")
        self.check_state(first, revision, told, rows)
        self.closed.clear()
        self.open.clear()
        self.state, self.verified = rows, revision

    def check_group(self, number: int, group: list[Event]) -> None:
        puts = {event.key: event.value for event in group if event.value is not None}
        deleted = {event.key for event in group if event.value is None}
        if len(puts) + len(deleted) != len(group):
            raise Violation(f"a key occurs twice at revision {number}: {group}")
        operation = self.closed.get(number)
        if operation is None:
            # What the end of a lease explains must not use up the one deletion that has no answer yet.
            if not puts and self.lease_ended(number, deleted):
                return
            operation = self.unanswered(number, puts, deleted)
            operation.revision, operation.deleted = number, frozenset(deleted)
        elif deleted != operation.deleted:
            raise Violation(f"revision {number} deleted {sorted(deleted)}, told to the client: {operation}")
        if puts != operation.puts:
            raise Violation(f"revision {number} put {puts}, asked for: {operation}")
        if any(event.value is not None and event.lease != operation.lease for event in group):
            raise Violation(f"revision {number} has another lease than asked for: {group}, {operation}")

    def unanswered(self, number: int, puts: dict, deleted: set) -> Operation:
        for operation in self.open:
            if operation.revision is None and operation.puts == puts and all(operation.may_delete(key) for key in deleted):
                return operation
        raise Violation(
            f"revision {number} holds what nobody asked for, is part of an operation, or ends a lease before its time: put {puts}, "
            f"deleted {sorted(deleted)} of leases { {self.lease_of(key, number) for key in deleted} }")

    def lease_ended(self, number: int, deleted: set) -> bool:
        """Whether revision `number` is all that one lease's end deletes, and that lease may have ended."""
        owners = {self.lease_of(key, number) for key in deleted}
        if len(owners) != 1 or 0 in owners:
            return False
        lease = self.leases[owners.pop()]
        return lease.revoke_asked or lease.over()

    def lease_of(self, key: bytes, before: int) -> int:
        """The lease `key` was attached to just before revision `before`."""
        attached = self.state[key][1:] if key in self.state else (0, 0)
        for operation in [*self.closed.values(), *self.open]:
            if operation.revision is not None and attached[0] < operation.revision < before:
                if key in operation.puts:
                    attached = (operation.revision, operation.lease)
                elif key in operation.deleted:
                    attached = (operation.revision, 0)
        return attached[1]

    def check_state(self, first: int, revision: int, told: dict, rows: dict) -> None:
        """The rows are what the events make of the last checked state."""
        state = dict(self.state)
        # What a compaction took from the events is known from the answers, or not at all.
        unknown: set[bytes] = set()
        for operation in sorted(self.closed.values(), key=lambda o: o.revision):
            if operation.revision < first:
                state.update({key: (value, operation.revision, operation.lease) for key, value in operation.puts.items()})
                for key in operation.deleted:
                    state.pop(key, None)
        if first > self.verified + 1:
            for operation in self.open:
                unknown.update(operation.puts)
                unknown.update(key for key in state if operation.may_delete(key))
            unknown.update(key for key, row in state.items() if row[2])
        for number in sorted(told):
            for event in told[number]:
                unknown.discard(event.key)
                if event.value is None:
                    state.pop(event.key, None)
                else:
                    state[event.key] = (event.value, event.revision, event.lease)
        for key in state.keys() | rows.keys():
            if state.get(key) != rows.get(key) and key not in unknown:
                raise Violation(f"key {key}: {rows.get(key)} at revision {revision}, should be {state.get(key)}")

    def check_leases(self, held: set[int]) -> None:
        for identity in held:
            lease = self.leases.get(identity)
            if lease is None:
                raise Violation(f"lease {identity} was never asked for")
            if lease.revoked:
                raise Violation(f"lease {lease} is back")
        for lease in list(self.leases.values()):
            if lease.identity not in held:
                if lease.granted and not lease.revoke_asked and not lease.over():
                    raise Violation(f"acknowledged and lost: {lease}")
                if not any(row[2] == lease.identity for row in self.state.values()):
                    del self.leases[lease.identity]
