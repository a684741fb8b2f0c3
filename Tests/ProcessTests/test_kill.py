"""Kill -9 at chosen moments: the hashes afterwards are those of a replay of the surviving history into the official etcd.
`test_crash.py` has the fifty rounds with every kind of write."""

import random
import threading
import time

import grpc
import pytest

from etcdtest import paths
from etcdtest.pair import SEED
from etcdtest.rpc import Client, kv, watch
from etcdtest.server import Server
from etcdtest.waiting import PATIENCE, until

ROUNDS = 10
WRITERS = 4
IN_FLIGHT = 8


class Writer(threading.Thread):
    """Keeps some puts in flight: keys of their own, and now and then one key over and over, a delete or a transaction."""

    def __init__(self, address, name, seed):
        super().__init__(daemon=True)
        self.address = address
        self.name = name
        self.random = random.Random(seed)
        self.issued: dict[bytes, bytes] = {}
        self.acknowledged: dict[bytes, int] = {}
        self.counter_acknowledged = 0
        self.counter_issued = 0
        self.stopping = False

    def run(self):
        client = Client(self.address)
        put = client.unary("Put")
        waiting = []
        number = 0
        while not self.stopping:
            number += 1
            if number % 10 == 0:
                # In order, one at a time: the counter never goes back.
                self.counter_issued += 1
                key, value = b"counter/" + self.name.encode(), b"%d" % self.counter_issued
                try:
                    put(kv.PutRequest(key=key, value=value), timeout=PATIENCE)
                    self.counter_acknowledged = self.counter_issued
                except grpc.RpcError:
                    break
                continue
            key = f"k/{self.name}/{number}".encode()
            value = self.random.randbytes(self.random.choice([0, 10, 100, 1000]))
            self.issued[key] = value
            waiting.append((key, put.future(kv.PutRequest(key=key, value=value), timeout=PATIENCE)))
            if len(waiting) >= IN_FLIGHT and not self.settle(*waiting.pop(0)):
                break
        for one in waiting:
            self.settle(*one)
        client.close()

    def settle(self, key, future) -> bool:
        try:
            self.acknowledged[key] = future.result().header.revision
            return True
        except grpc.RpcError:
            return False


def history(client, through):
    """All events from the first revision on."""
    requests = [watch.WatchRequest(create_request=watch.WatchCreateRequest(key=b"\0", range_end=b"\0", start_revision=1))]
    hold = threading.Event()

    def stream():
        yield requests[0]
        hold.wait(PATIENCE)
    call = client.stream_stream("/etcdserverpb.Watch/Watch", watch.WatchRequest, watch.WatchResponse)(stream(), timeout=PATIENCE)
    events = []
    for response in call:
        events.extend(response.events)
        if events and events[-1].kv.mod_revision >= through:
            break
    hold.set()
    call.cancel()
    return events


def replay_hash(events, revision):
    """The hash that the official etcd has after the same history."""
    with Server(paths.REFERENCE, label="reference") as server:
        server.start()
        client = Client(server.address)
        put = client.unary("Put")
        futures = []
        for event in events:
            # One after the other on one connection would be slow; order matters only in what revision each gets.
            futures.append(put(kv.PutRequest(key=event.kv.key, value=event.kv.value)))
            assert futures[-1].header.revision == event.kv.mod_revision
        answer = client.call("HashKV", revision=revision)
        client.close()
        return answer.hash


def check(client, writers, before):
    now = client.call("Range", key=b"\0", range_end=b"\0")
    there = {pair.key: pair for pair in now.kvs}
    assert now.header.revision >= before["revision"], "the revision went back"
    issued = {}
    for writer in writers:
        issued.update(writer.issued)
        for key, revision in writer.acknowledged.items():
            assert key in there, f"{key} was acknowledged at revision {revision} and is gone"
            assert there[key].value == writer.issued[key], f"{key} has another value"
            assert there[key].mod_revision == revision, f"{key} was acknowledged at {revision}, has {there[key].mod_revision}"
        counter = there.get(b"counter/" + writer.name.encode())
        value = int(counter.value) if counter else 0
        assert writer.counter_acknowledged <= value <= writer.counter_issued, f"counter {value} of {writer.name}"
    for key, pair in there.items():
        if key.startswith(b"k/"):
            assert key in issued, f"{key} was never issued"
            assert pair.value == issued[key] and pair.version == 1
    revisions = sorted(pair.mod_revision for pair in now.kvs)
    assert len(set(revisions)) == len(revisions), "two keys share a revision"
    return now.header.revision


@pytest.mark.bounded(600)
def test_the_history_left_by_kills_replays_to_the_same_hash(stopped):
    draw = random.Random(f"{SEED}/kill")
    server = stopped
    writers, hashes = [], {}
    before = {"revision": 1}
    for number in range(ROUNDS):
        # Some rounds with log compaction at almost every turn.
        server.flags = ["--snapshot-count", draw.choice(["100000", "50", "300"])]
        server.start()
        client = Client(server.address)
        revision = check(client, writers, before)
        for at, expected in list(hashes.items())[-3:]:
            assert client.call("HashKV", revision=at).hash == expected, f"round {number}: the hash at revision {at} changed"
        hashes[revision] = client.call("HashKV", revision=revision).hash
        before["revision"] = revision
        round_writers = [Writer(server.address, f"{number}-{n}", f"{SEED}/{number}/{n}") for n in range(WRITERS)]
        for writer in round_writers:
            writer.start()
        until(lambda: all(len(writer.acknowledged) > 3 for writer in round_writers), "every writer writes", pause=0.005)
        time.sleep(draw.uniform(0.0, 0.4))
        server.kill()
        for writer in round_writers:
            writer.stopping = True
        for writer in round_writers:
            writer.join(PATIENCE)
        client.close()
        writers.extend(round_writers)
    server.flags = []
    server.start()
    client = Client(server.address)
    revision = check(client, writers, before)
    acknowledged = sum(len(w.acknowledged) + w.counter_acknowledged for w in writers)
    print(f"{ROUNDS} kills, {acknowledged} acknowledged puts, revision {revision}")
    assert acknowledged > ROUNDS * 10, "there was hardly any load"
    events = history(client, revision)
    assert [event.kv.mod_revision for event in events] == list(range(2, revision + 1)), "the history has gaps"
    assert client.call("HashKV", revision=revision).hash == replay_hash(events, revision)
    client.close()


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.15, 0.3])
def test_kill_while_starting(stopped, moment):
    """Recovery may itself be cut short at any time."""
    server = stopped.start()
    client = Client(server.address)
    for n in range(200):
        client.call("Put", key=b"k%d" % n, value=b"v")
    hash_before = client.call("HashKV").hash
    client.close()
    server.kill()
    for _ in range(4):
        server.spawn()
        time.sleep(moment)
        server.kill()
    server.start()
    client = Client(server.address)
    assert client.call("HashKV").hash == hash_before
    assert client.call("Range", key=b"k", range_end=b"l", count_only=True).count == 200
    client.close()


def test_kill_during_compaction_and_defragmentation(stopped):
    server = stopped.start()
    client = Client(server.address)
    for n in range(3000):
        client.call("Put", key=b"k%d" % (n % 100), value=b"v%d" % n)
    revision = client.call("Range", key=b"\0", count_only=True).header.revision
    client.call("Compact", revision=revision - 10)
    defragment = client.unary("Defragment").future(__import__("maintenance_pb2").DefragmentRequest(), timeout=20)
    time.sleep(0.01)
    server.kill()
    defragment.cancel()
    client.close()
    server.start()
    client = Client(server.address)
    assert client.call("Range", key=b"\0", range_end=b"\0").count == 100
    with pytest.raises(grpc.RpcError, match="required revision has been compacted"):
        client.call("Range", key=b"k1", revision=revision - 11)
    assert client.call("Range", key=b"k99", revision=revision - 10).count == 1
    client.call("Put", key=b"after", value=b"1")
    client.close()
