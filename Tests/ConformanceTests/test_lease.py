"""The Lease service."""

import queue
import threading
import time

import grpc
import pytest

from etcdtest.canonical import canonical
from etcdtest.rpc import lease as messages
from etcdtest.waiting import PATIENCE, until

NOT_FOUND = ("NOT_FOUND", "etcdserver: requested lease not found")


def to_live(both, lease, **options):
    """TTL is what is left in whole seconds: the two may be apart by the time that passed between one's turn and the other's."""
    answers = both.answers("LeaseTimeToLive", ID=lease, **options)
    for one in answers:
        if one.code == "OK":
            one.reply.keys.sort()
    both.compare("LeaseTimeToLive", {"ID": lease, **options}, answers, ignore=("TTL",))
    if answers[0].code == "OK":
        assert abs(answers[0].reply.TTL - answers[1].reply.TTL) <= 30, [a.reply.TTL for a in answers]
    return answers[0].reply


@pytest.mark.parametrize("ttl", [-(2**63), -1, 0, 1, 2, 3, 60, 9_000_000_000])
def test_ttl_is_raised_to_the_minimum(both, ttl):
    both.ok("LeaseGrant", TTL=ttl, ID=11)
    to_live(both, 11)


@pytest.mark.parametrize("ttl", [9_000_000_001, 2**63 - 1])
def test_a_ttl_too_large_fails(both, ttl):
    both.fails("OUT_OF_RANGE", "etcdserver: too large lease TTL", "LeaseGrant", TTL=ttl, ID=12)
    both.call("LeaseTimeToLive", ID=12)


@pytest.mark.parametrize("lease", [1, 2, 2**31, 2**63 - 1])
def test_an_id_of_the_clients_choice(both, lease):
    both.ok("LeaseGrant", TTL=500, ID=lease)
    to_live(both, lease)
    both.ok("LeaseRevoke", ID=lease)
    both.fails(*NOT_FOUND, "LeaseRevoke", ID=lease)


def test_a_negative_id(both):
    both.call("LeaseGrant", TTL=500, ID=-3)
    both.call("LeaseRevoke", ID=-3)


def test_an_id_of_the_servers_choice(both):
    first, second = both.grant(300), both.grant(300)
    assert first.ids["ours"] != second.ids["ours"]
    to_live(both, first, keys=True)
    both.put(b"k", b"v", lease=first)
    to_live(both, first, keys=True)
    both.ok("LeaseRevoke", ID=first)
    both.range(b"k")


def test_an_id_in_use_fails(both):
    both.ok("LeaseGrant", TTL=500, ID=21)
    both.fails("FAILED_PRECONDITION", "etcdserver: lease already exists", "LeaseGrant", TTL=700, ID=21)
    to_live(both, 21)


def test_an_id_may_be_used_again_after_its_revocation(both):
    both.ok("LeaseGrant", TTL=500, ID=22)
    both.ok("LeaseRevoke", ID=22)
    both.ok("LeaseGrant", TTL=100, ID=22)
    to_live(both, 22)


@pytest.mark.parametrize("lease", [0, 1, -1, 2**63 - 1])
def test_revoking_an_unknown_lease_fails(both, lease):
    both.fails(*NOT_FOUND, "LeaseRevoke", ID=lease)


@pytest.mark.parametrize("keys", [False, True])
@pytest.mark.parametrize("lease", [0, 77, -1])
def test_time_to_live_of_an_unknown_lease_is_minus_one(both, lease, keys):
    both.ok("LeaseTimeToLive", ID=lease, keys=keys)


def test_revoking_deletes_the_keys_in_one_revision(both):
    both.ok("LeaseGrant", TTL=500, ID=23)
    for key in (b"c", b"a", b"b"):
        both.put(key, b"v", lease=23)
    both.put(b"d", b"stays")
    to_live(both, 23, keys=True)
    before = both.revision
    both.ok("LeaseRevoke", ID=23)
    assert both.revision == before + 1
    both.range(b"\0", b"\0")
    both.range(b"\0", b"\0", revision=before)


def test_revoking_a_lease_without_keys_makes_no_revision(both):
    both.ok("LeaseGrant", TTL=500, ID=24)
    before = both.revision
    both.ok("LeaseRevoke", ID=24)
    assert both.revision == before


def test_keys_of_a_lease(both):
    both.ok("LeaseGrant", TTL=500, ID=25)
    both.ok("LeaseGrant", TTL=500, ID=26)
    for n in range(5):
        both.put(b"k%d" % n, b"v", lease=25)
    both.put(b"k1", b"v")
    both.put(b"k2", b"v", lease=26)
    both.delete(b"k3")
    for lease in (25, 26):
        answers = both.answers("LeaseTimeToLive", ID=lease, keys=True)
        both.same(f"keys of {lease}", *[sorted(a.reply.keys) for a in answers])
        both.call("LeaseTimeToLive", ID=lease, keys=False, ignore=("TTL",))


def test_a_lease_attached_in_a_transaction(both):
    from etcdtest.ops import put
    both.ok("LeaseGrant", TTL=500, ID=27)
    both.txn(success=[put(b"x", b"1", lease=27), put(b"y", b"1", lease=27)])
    answers = both.answers("LeaseTimeToLive", ID=27, keys=True)
    both.same("keys", *[sorted(a.reply.keys) for a in answers])
    both.ok("LeaseRevoke", ID=27)
    both.range(b"\0", b"\0")


def test_a_failed_put_attaches_nothing(both):
    both.ok("LeaseGrant", TTL=500, ID=28)
    both.call("Put", key=b"k", lease=28, ignore_value=True)
    both.call("LeaseTimeToLive", ID=28, keys=True, ignore=("TTL",))


def test_leases_are_listed(both):
    both.ok("LeaseLeases")
    for lease, ttl in ((31, 500), (33, 100), (32, 900)):
        both.ok("LeaseGrant", TTL=ttl, ID=lease)
    answers = both.answers("LeaseLeases")
    both.same("leases", *[sorted(x.ID for x in a.reply.leases) for a in answers])
    both.ok("LeaseRevoke", ID=33)
    answers = both.answers("LeaseLeases")
    both.same("leases", *[sorted(x.ID for x in a.reply.leases) for a in answers])
    both.same("revision", *[a.reply.header.revision for a in answers])


def test_leases_are_listed_by_what_is_left(both):
    for lease, ttl in ((41, 500), (43, 100), (42, 900), (44, 300)):
        both.ok("LeaseGrant", TTL=ttl, ID=lease)
    both.ok("LeaseLeases")


class KeepAlive:
    """A LeaseKeepAlive stream on one server."""

    def __init__(self, side):
        self.side = side
        self.requests, self.responses = queue.Queue(), queue.Queue()
        self.end = None
        call = side.client.stream_stream(
            "/etcdserverpb.Lease/LeaseKeepAlive", messages.LeaseKeepAliveRequest, messages.LeaseKeepAliveResponse)
        self.call = call(iter(self.requests.get, None))
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            for response in self.call:
                self.responses.put(response)
            self.end = ("OK", "")
        except grpc.RpcError as error:
            self.end = (error.code().name, error.details())

    def ask(self, lease):
        self.requests.put(messages.LeaseKeepAliveRequest(ID=self.side.resolve(lease)))
        return canonical(self.responses.get(timeout=PATIENCE), self.side.names)


@pytest.fixture
def alive(both):
    streams = both.each(KeepAlive)

    def ask(lease):
        both.same(f"keep alive {lease}", *[stream.ask(lease) for stream in streams])
    ask.streams = streams
    yield ask
    for stream in streams:
        stream.call.cancel()


def test_keep_alive_answers_the_granted_ttl(both, alive):
    both.ok("LeaseGrant", TTL=500, ID=51)
    alive(51)
    alive(51)
    to_live(both, 51)


def test_keep_alive_of_several_leases_on_one_stream(both, alive):
    for lease in (52, 53, 54):
        both.ok("LeaseGrant", TTL=400 + lease, ID=lease)
    for lease in (52, 54, 53, 52, 99, 53):
        alive(lease)


@pytest.mark.parametrize("lease", [0, 1, -1, 98])
def test_keep_alive_of_an_unknown_lease_answers_ttl_zero(both, alive, lease):
    alive(lease)
    both.ok("LeaseGrant", TTL=500, ID=55)
    alive(55)


def test_keep_alive_after_a_revocation_answers_ttl_zero(both, alive):
    both.ok("LeaseGrant", TTL=500, ID=56)
    alive(56)
    both.ok("LeaseRevoke", ID=56)
    alive(56)


def test_keep_alive_ends_with_the_client(both, alive):
    both.ok("LeaseGrant", TTL=500, ID=57)
    alive(57)
    for stream in alive.streams:
        stream.requests.put(None)
        stream.thread.join(PATIENCE)
    both.same("end", *[stream.end for stream in alive.streams])


def test_keep_alive_carries_the_revision_of_its_time(both, alive):
    both.ok("LeaseGrant", TTL=500, ID=58)
    alive(58)
    both.put(b"k", b"v")
    alive(58)


def wait_expired(both, lease):
    """When each server said that the lease is gone."""
    gone = {}

    def all_gone():
        for side in both.sides:
            if side.label not in gone and side.client.call("LeaseTimeToLive", ID=lease).TTL == -1:
                gone[side.label] = time.monotonic()
        return len(gone) == 2
    until(all_gone, lambda: f"the end of the lease on both, it came on {sorted(gone)}")
    return gone


def test_an_expired_lease_takes_its_keys(both):
    began = time.monotonic()
    both.ok("LeaseGrant", TTL=2, ID=61)
    both.put(b"e1", b"v", lease=61)
    both.put(b"e2", b"v", lease=61)
    before = both.revision
    gone = wait_expired(both, 61)
    assert gone["ours"] - began >= 2, "a lease may never end early"
    until(both.in_step, "the same revision on both")
    assert both.revision == before + 1
    both.range(b"\0", b"\0")
    both.call("Put", key=b"e3", lease=61)


def test_keep_alive_puts_off_the_end(both, alive):
    for lease in range(620, 630):
        both.ok("LeaseGrant", TTL=3, ID=lease)
        both.put(b"e", b"v", lease=lease)
        beats, told = [time.monotonic()], []
        for _ in range(5):
            time.sleep(0.8)
            told.append([stream.ask(lease) for stream in alive.streams])
            beats.append(time.monotonic())
        told.append([{"count": a.reply.count} for a in both.answers("Range", key=b"e")])
        if max(after - before for before, after in zip(beats, [*beats[1:], time.monotonic()])) < 2.5:
            break
        # A machine that stood still for so long proves nothing; the next lease may do better.
    both.same("five beats and the key", *zip(*told))
    assert told[-1][1]["count"] == 1
    wait_expired(both, lease)


def test_an_expiry_is_seen_by_watches(both):
    from etcdtest.watching import WatchPair
    with WatchPair(both) as stream:
        stream.create(b"e", b"f", prev_kv=True)
        both.ok("LeaseGrant", TTL=2, ID=63)
        both.put(b"e1", b"v", lease=63)
        stream.expect("put")
        wait_expired(both, 63)
        stream.expect("delete by expiry", quiet=1.0)
