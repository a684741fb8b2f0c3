"""KV.DeleteRange."""

import pytest


@pytest.fixture
def filled(both):
    for key in (b"a", b"b", b"ba", b"c", b"d", b"\xff"):
        both.put(key, b"v" + key)
    return both


@pytest.mark.parametrize("prev_kv", [False, True])
@pytest.mark.parametrize("key, end", [
    (b"a", b""), (b"missing", b""), (b"a", b"c"), (b"b", b"bb"), (b"b", b"\0"), (b"\0", b"\0"), (b"c", b"a"), (b"a", b"a"),
    (b"x", b"\0"), (b"\xff", b"\0"), (b"\0", b"b"),
], ids=repr)
def test_delete(filled, key, end, prev_kv):
    filled.delete(key, end, prev_kv=prev_kv)
    filled.range(b"\0", b"\0")
    filled.delete(key, end, prev_kv=prev_kv)
    filled.revision


@pytest.mark.parametrize("options", [{}, {"prev_kv": True}, {"range_end": b"\0"}])
def test_an_empty_key_fails(both, options):
    both.fails("INVALID_ARGUMENT", "etcdserver: key is not provided", "DeleteRange", **options)


def test_a_delete_of_nothing_makes_no_revision(both):
    before = both.revision
    both.delete(b"missing")
    both.delete(b"m", b"n")
    assert both.revision == before


def test_a_range_delete_is_one_revision(filled):
    before = filled.revision
    filled.delete(b"a", b"d", prev_kv=True)
    assert filled.revision == before + 1
    filled.range(b"a", b"z", revision=before)


def test_a_delete_detaches_the_lease(both):
    both.ok("LeaseGrant", TTL=700, ID=81)
    both.put(b"a", b"1", lease=81)
    both.put(b"b", b"1", lease=81)
    both.delete(b"a", prev_kv=True)
    both.call("LeaseTimeToLive", ID=81, keys=True, ignore=("TTL",))


def test_delete_put_delete(both):
    for _ in range(3):
        both.put(b"k", b"v")
        both.delete(b"k", prev_kv=True)
        both.call("Range", key=b"k", revision=both.revision - 1)
        both.range(b"k")


def test_many_deletes_with_their_previous_values(both):
    from etcdtest import ops
    for start in range(0, 300, 100):
        both.txn(success=[ops.put(b"k%04d" % n, b"v%d" % n) for n in range(start, start + 100)])
    both.delete(b"k0050", b"k0250", prev_kv=True)
    both.range(b"k", b"l")
