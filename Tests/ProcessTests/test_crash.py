"""kill -9 under load, round after round on one data directory; then the official tools on what is left.

`ROUNDS=n` runs another number of rounds, `SEED=n` repeats the choices of a run (not the instant at which the kernel kills).
"""

import os
import random
import subprocess
import threading
import time

import grpc
import pytest

from etcdtest import paths
from etcdtest.ops import compare, delete, put
from etcdtest.pair import SEED
from etcdtest.rpc import Client, watch
from etcdtest.server import Server
from etcdtest.waiting import PATIENCE
from history import Event, History, Violation

ROUNDS = int(os.environ.get("ROUNDS", "50"))
WRITERS = 6
EVERYTHING = {"key": b"\0", "range_end": b"\0"}


class Writer(threading.Thread):
    """One client that sends one request at a time until the server is gone."""

    def __init__(self, number: int, server: Server, history: History, seed: int):
        super().__init__(daemon=True)
        self.number, self.history, self.random = number, history, random.Random(seed)
        self.address = server.address
        self.failure: Exception | None = None
        self.lease = 0

    def run(self) -> None:
        client = Client(self.address)
        try:
            while True:
                self.random.choices(
                    [self.put, self.put_leased, self.txn, self.delete, self.delete_range, self.revoke, self.compact,
                     self.defragment],
                    [50, 10, 20, 10, 4, 2, 1, 0.2])[0](client)
        except grpc.RpcError as error:
            # The answer to the last request is open; any other error than a lost connection is not.
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                self.failure = error
        except Exception as error:
            self.failure = error
        finally:
            client.close()

    def key(self) -> bytes:
        # Half of the keys are this writer's, half are everyone's.
        owner = self.number if self.random.random() < 0.5 else "all"
        return f"{owner}/{self.random.randrange(12):02}".encode()

    def value(self) -> bytes:
        stem = f"{self.number}-{self.random.getrandbits(64):016x}-".encode()
        return stem + b"x" * self.random.choice([0, 10, 100, 3000])

    def put(self, client, lease=0) -> None:
        key, value = self.key(), self.value()
        operation = self.history.begin(puts={key: value}, lease=lease)
        answer = client.call("Put", key=key, value=value, lease=lease)
        self.history.end(operation, answer.header.revision)

    def put_leased(self, client) -> None:
        if not self.lease or self.random.random() < 0.1:
            # Some run out during the test, some never do.
            ttl = self.random.choice([2, 3, 600])
            identity = self.random.getrandbits(62) + 1
            lease = self.history.lease_asked(identity, ttl)
            client.call("LeaseGrant", ID=identity, TTL=ttl)
            lease.granted, self.lease = True, identity
        try:
            self.put(client, self.lease)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:
                raise
            if not self.history.leases[self.lease].over():
                raise Violation(f"gone before its time: {self.history.leases[self.lease]}") from error
            self.lease = 0

    def txn(self, client) -> None:
        keys = list({self.key() for _ in range(4)})
        puts = {key: self.value() for key in keys[1:]} or {b"txn": self.value()}
        gone = keys[0]
        operation = self.history.begin(puts=puts, deletes=[(gone, gone + b"\0")])
        answer = client.call(
            "Txn", compare=[compare("VERSION", "GREATER", gone, -1)],
            success=[*[put(key, value) for key, value in puts.items()], delete(gone)])
        if not answer.succeeded:
            raise Violation("a version is not greater than -1")
        deleted = {gone} if answer.responses[-1].response_delete_range.deleted else set()
        self.history.end(operation, answer.header.revision, deleted)

    def delete(self, client) -> None:
        key = self.key()
        self.delete_keys(client, key, key + b"\0", range_end=b"")

    def delete_range(self, client) -> None:
        first = f"{self.number}/{self.random.randrange(12):02}".encode()
        self.delete_keys(client, first, f"{self.number}0".encode())

    def delete_keys(self, client, first, end, range_end=None) -> None:
        operation = self.history.begin(deletes=[(first, end)])
        answer = client.call("DeleteRange", key=first, range_end=end if range_end is None else range_end, prev_kv=True)
        if answer.deleted != len(answer.prev_kvs):
            raise Violation(f"deleted {answer.deleted} keys, {len(answer.prev_kvs)} were told")
        self.history.end(operation, answer.header.revision, {row.key for row in answer.prev_kvs}, changed=answer.deleted > 0)

    def revoke(self, client) -> None:
        if not self.lease:
            return
        identity, self.lease = self.lease, 0
        lease = self.history.leases[identity]
        lease.revoke_asked = True
        try:
            client.call("LeaseRevoke", ID=identity)
            lease.revoked = True
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND or not lease.over():
                raise

    def defragment(self, client) -> None:
        client.call("Defragment")

    def compact(self, client) -> None:
        target = self.history.acknowledged_revision - self.random.choice([5, 50, 500])
        if target <= self.history.compaction_asked:
            return
        self.history.compaction(target, acknowledged=False)
        try:
            client.call("Compact", revision=target, physical=self.random.random() < 0.3)
            self.history.compaction(target, acknowledged=True)
        except grpc.RpcError as error:
            # Another writer was faster.
            if error.code() != grpc.StatusCode.OUT_OF_RANGE:
                raise


def read_events(client: Client, first: int, last: int) -> tuple[int, list[Event]]:
    """All events from `first`, or from the compaction where that is later, to `last`; and the compact revision seen."""
    call = client.stream_stream("/etcdserverpb.Watch/Watch", watch.WatchRequest, watch.WatchResponse)
    while True:
        # Without a fence the stream has no end that can be told: a progress answer says that all before it was sent.
        requests = iter([watch.WatchRequest(create_request=watch.WatchCreateRequest(**EVERYTHING, start_revision=first))])
        hold = threading.Event()

        def feed(requests=requests, hold=hold):
            yield from requests
            hold.wait(PATIENCE)

        stream = call(feed(), timeout=PATIENCE)
        events: list[Event] = []
        seen, compacted = first - 1, 0
        try:
            while seen < last:
                answer = next(stream)
                if answer.compact_revision:
                    compacted = answer.compact_revision
                    break
                for event in answer.events:
                    row = event.kv
                    seen = row.mod_revision
                    events.append(Event(seen, row.key, None if event.type == 1 else row.value, row.lease))
        finally:
            hold.set()
            stream.cancel()
        if not compacted:
            return first - 1, events
        # Events at the compact revision itself are told, as far as their rows were kept; those are in the state anyway.
        first = compacted + 1
        if first > last:
            return compacted, []


def compact_revision(client: Client, current: int) -> int:
    """Read from the error that tells it, by asking for the oldest revision there can be."""
    try:
        client.call("Range", key=b"nothing", revision=1)
    except grpc.RpcError as error:
        assert "required revision has been compacted" in error.details(), error
        low, high = 1, current
        # The compact revision is the lowest that can be read.
        while low + 1 < high:
            middle = (low + high) // 2
            try:
                client.call("Range", key=b"nothing", revision=middle)
                high = middle
            except grpc.RpcError:
                low = middle
        return high
    return 0


def verify(server: Server, history: History) -> tuple[int, int, int]:
    """Returns revision, compact revision and hash, for comparison after another restart."""
    client = Client(server.address)
    try:
        answer = client.call("Range", **EVERYTHING)
        revision = answer.header.revision
        compacted = compact_revision(client, revision)
        told = history.verified
        events: list[Event] = []
        if revision > max(told, compacted):
            _, events = read_events(client, max(told, compacted) + 1, revision)
        # A lease may have ended since the range was read.
        events = [event for event in events if event.revision <= revision]
        rows = {row.key: (row.value, row.mod_revision, row.lease) for row in answer.kvs}
        history.check(revision, compacted, events, rows)
        history.check_leases({held.ID for held in client.call("LeaseLeases").leases})
        hashed = client.call("HashKV", revision=revision)
        return revision, hashed.compact_revision, hashed.hash
    finally:
        client.close()


def same_hash(server: Server, before: tuple[int, int, int]) -> bool:
    """Whether the hash of an earlier revision is still the same; false where a compaction makes that unanswerable."""
    client = Client(server.address)
    try:
        now = client.call("HashKV", revision=before[0])
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.OUT_OF_RANGE, error
        return False
    finally:
        client.close()
    if now.compact_revision != before[1]:
        return False
    assert now.hash == before[2], f"HashKV at revision {before[0]} was {before[2]} and is {now.hash} after a restart"
    return True


def load_and_kill(server: Server, history: History, choices: random.Random) -> None:
    writers = [Writer(n, server, history, choices.getrandbits(64)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(choices.uniform(0.05, 0.9))
    running = server.running()
    server.kill()
    for writer in writers:
        writer.join(timeout=PATIENCE)
        assert not writer.is_alive(), "a call hangs after the server is gone"
        if writer.failure:
            raise writer.failure
    assert running, f"the server ended by itself:\n{server.log_tail()}"


@pytest.mark.bounded(max(900, ROUNDS * 18))
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path):
    choices = random.Random(SEED)
    history = History()
    with Server(paths.OURS, label="ours") as server:
        before, hashes = None, 0
        for number in range(ROUNDS):
            server.flags = choices.choice([[], ["--snapshot-count", "20"], ["--snapshot-count", "300"]])
            if choices.random() < 0.15:
                # Killed while it recovers: the next start must still find everything.
                server.spawn()
                time.sleep(choices.uniform(0, 0.3))
                server.kill()
            try:
                server.start()
                hashes += before is not None and same_hash(server, before)
                before = verify(server, history)
                if number % 5 == 4:
                    server.kill()
                    server.start()
                    hashes += same_hash(server, before)
                load_and_kill(server, history, choices)
            except AssertionError as error:
                raise AssertionError(f"round {number + 1} (SEED={SEED}): {error}\n{server.log_tail(5)}") from error
        server.start()
        final = verify(server, history)
        print(f"{history.acknowledged} operations acknowledged, revision {final[0]}, {hashes} hashes compared")
        assert history.acknowledged > ROUNDS, "there was no load to speak of"
        assert hashes > 0
        restored_by_the_official_tools(server, tmp_path)


def restored_by_the_official_tools(server: Server, folder) -> None:
    """The snapshot of ours, restored by etcdutl into the reference, hashes alike."""
    client = Client(server.address)
    file = folder / "snapshot.db"
    file.write_bytes(b"".join(part.blob for part in client.snapshot()))
    subprocess.run([str(paths.ETCDUTL), "snapshot", "status", str(file)], check=True, capture_output=True, timeout=PATIENCE)
    mirror = Server(paths.REFERENCE, label="reference", directory=folder)
    try:
        subprocess.run(
            [str(paths.ETCDUTL), "snapshot", "restore", str(file), "--data-dir", str(mirror.data), "--name", "default",
             "--initial-cluster", f"default={mirror.peer_url}", "--initial-advertise-peer-urls", mirror.peer_url],
            check=True, capture_output=True, timeout=PATIENCE)
        mirror.start()
        theirs = Client(mirror.address)
        revision = min(client.call("Range", key=b"x").header.revision, theirs.call("Range", key=b"x").header.revision)
        answers = [c.call("HashKV", revision=revision) for c in (client, theirs)]
        assert answers[0].hash == answers[1].hash, f"hashes at revision {revision}: ours {answers[0]}, restored {answers[1]}"
        rows = [c.call("Range", revision=revision, **EVERYTHING).kvs for c in (client, theirs)]
        assert list(rows[0]) == list(rows[1])
    finally:
        mirror.close()
        client.close()
