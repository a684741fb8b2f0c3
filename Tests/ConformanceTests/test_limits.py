"""Limits that flags set, on a pair of its own for each."""

import pytest

from etcdtest import ops
from etcdtest.pair import Pair
from etcdtest.watching import WatchPair

ALL = (b"\0", b"\0")


@pytest.fixture
def pair():
    made = []

    def make(*flags, **options):
        made.append(Pair(flags, **options).start())
        return made[-1]
    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("limit", [1, 5, 200])
def test_max_txn_ops(pair, limit):
    both = pair("--max-txn-ops", str(limit))
    for count in (limit - 1, limit, limit + 1):
        both.call("Txn", success=[ops.put(b"k%d" % n) for n in range(count)])
        both.call("Txn", compare=[ops.compare("VERSION", "EQUAL", b"k", 0) for _ in range(count)])
        both.call("Txn", success=[ops.txn(success=[ops.put(b"n%d" % n) for n in range(count)])])
    both.range(*ALL)


@pytest.mark.parametrize("limit", [1000, 100_000, 3_000_000])
def test_max_request_bytes(pair, limit):
    both = pair("--max-request-bytes", str(limit))
    for size in (limit - 200, limit - 100, limit - 40, limit - 20, limit, limit + 1, limit + 524_200, limit + 524_288, limit + 600_000):
        both.call("Put", key=b"k", value=b"v" * size)
    both.range(*ALL, count_only=True)
    with WatchPair(both) as stream:
        stream.create(b"w", fragment=True)
        both.put(b"w", b"x" * (limit // 2))
        stream.expect("event")


def test_the_space_quota(pair):
    """The databases differ in size, so how many puts fit isn't compared: what happens then is."""
    both = pair("--quota-backend-bytes", str(24 * 1024 * 1024))
    full = both.each(fill)
    for side, code in zip(both.sides, full):
        assert code == ("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded"), side.label
    alarms = both.each(lambda side: [a.alarm for a in side.client.call("Alarm", action="GET").alarms])
    both.same("alarms", *alarms)
    assert alarms[1] == [1]
    both.same("/health", *[(status, body) for status, _, body in both.http("/health")])

    def outcome(method, **fields):
        from etcdtest.pair import answer
        answers = both.each(lambda side: answer(lambda: side.client.call(method, **fields)))
        both.same(method, *[(a.code, a.details) for a in answers])
    outcome("Put", key=b"small", value=b"1")
    outcome("Txn", success=[ops.put(b"small", b"1")])
    outcome("Txn", success=[ops.get(b"k")])
    outcome("Txn", compare=[ops.compare("VERSION", "EQUAL", b"x", 5)], success=[ops.put(b"a")], failure=[ops.get(b"a")])
    outcome("LeaseGrant", TTL=100, ID=5)
    outcome("Range", key=b"big0000")
    outcome("DeleteRange", key=b"big", range_end=b"bih")
    for side in both.sides:
        revision = side.client.call("Range", key=b"x", count_only=True).header.revision
        side.client.call("Compact", revision=revision, physical=True)
    outcome("Defragment")
    outcome("Put", key=b"small", value=b"1")
    for side in both.sides:
        me = side.client.call("Status").header.member_id
        assert [a.alarm for a in side.client.call("Alarm", action="DEACTIVATE", alarm="NOSPACE", memberID=me).alarms] == [1]
    outcome("Put", key=b"small", value=b"1")
    both.same("/health", *[(status, body) for status, _, body in both.http("/health")])


def fill(side):
    import grpc
    for n in range(200):
        try:
            side.client.call("Put", key=b"big%04d" % n, value=bytes(500_000))
        except grpc.RpcError as error:
            return error.code().name, error.details()
    return None


def test_progress_is_notified(pair):
    # 3.6 has dropped the prefix of this flag; ours knows both.
    both = pair("--experimental-watch-progress-notify-interval", "300ms")
    both.put(b"a", b"1")
    with WatchPair(both) as stream:
        stream.create(b"a", progress_notify=True)
        stream.create(b"a")
        for one in stream.streams:
            got = one.until(3)
            assert len(got) >= 3, f"{one.side.label}: {len(got)} responses"
            for response in got:
                assert response.watch_id == 0 and not response.events and response.header.revision == both.revision


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_restart_changes_no_answer(pair, how):
    both = pair("--snapshot-count", "20")
    both.ok("LeaseGrant", TTL=500, ID=9)
    for n in range(60):
        both.put(b"k%d" % (n % 7), b"%d" % n, lease=9 if n % 3 == 0 else 0)
        if n % 10 == 5:
            both.delete(b"k%d" % (n % 7), b"k%d" % (n % 7 + 2))
    both.ok("Compact", revision=both.revision - 15, physical=True)
    for _ in range(2):
        for side in both.sides:
            getattr(side.server, how)()
            side.server.spawn()
        for side in both.sides:
            side.server.wait_ready()
            # A first answer on the new connection may take a moment.
            side.client.channel.close()
            from etcdtest.rpc import Client
            side.client = Client(side.server.address)
        both.range(*ALL)
        for back in (0, 3, 10, 15, 16, 30):
            both.call("Range", key=b"\0", range_end=b"\0", revision=both.revision - back)
            both.call("HashKV", revision=both.revision - back, ignore=("hash_revision", "compact_revision"))
        answers = both.answers("LeaseTimeToLive", ID=9, keys=True)
        both.same("keys of the lease", *[sorted(a.reply.keys) for a in answers])
        both.put(b"k1", b"again", prev_kv=True)
        with WatchPair(both) as stream:
            stream.create(*ALL, start_revision=both.revision - 8, prev_kv=True)
            stream.expect("history", flat=True)


def test_auto_compaction_by_revision_is_accepted(pair):
    both = pair("--auto-compaction-mode", "revision", "--auto-compaction-retention", "5")
    for n in range(20):
        both.put(b"k", b"%d" % n)
    both.range(*ALL)
