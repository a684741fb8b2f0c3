"""KV.Range: every option, alone and with others, and every error."""

import pytest

ALL = (b"\0", b"\0")


@pytest.fixture
def filled(both):
    """Keys with different versions, create and mod revisions, values, leases, some deleted."""
    both.ok("LeaseGrant", TTL=900, ID=31)
    for key in (b"a", b"b", b"c", b"d", b"e"):
        both.put(key, b"v" + key)
    both.put(b"c", b"zz")
    both.put(b"a", b"mm", lease=31)
    both.put(b"c", b"aa")
    both.delete(b"d")
    both.put(b"ab", b"")
    both.put(b"e", b"ve")
    both.put(b"d", b"again")
    both.delete(b"b")
    return both


@pytest.mark.parametrize("key, end", [
    (b"a", b""), (b"b", b""), (b"missing", b""), (b"a", b"c"), (b"a", b"d"), (b"b", b"c"), (b"a", b"\0"), (b"c", b"\0"),
    (b"\0", b"\0"), (b"\0", b"b"), (b"c", b"a"), (b"a", b"a"), (b"z", b"\0"), (b"a", b"b"), (b"a", b"a\0"), (b"\0", b""),
    (b"\xff", b"\0"), (b"a", b"\xff\xff\xff"),
], ids=repr)
def test_range_ends(filled, key, end):
    filled.range(key, end)
    filled.range(key, end, serializable=True)
    filled.range(key, end, count_only=True)
    filled.range(key, end, keys_only=True)
    filled.range(key, end, limit=1)


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4, 5, 6, 100, 2**62, -1])
def test_limit_and_more(filled, limit):
    filled.range(*ALL, limit=limit)
    filled.range(*ALL, limit=limit, keys_only=True)
    filled.range(*ALL, limit=limit, count_only=True)
    filled.range(*ALL, limit=limit, sort_order="DESCEND", sort_target="KEY")


@pytest.mark.parametrize("target", ["KEY", "VERSION", "CREATE", "MOD", "VALUE"])
@pytest.mark.parametrize("order", ["NONE", "ASCEND", "DESCEND"])
@pytest.mark.parametrize("limit", [0, 3])
def test_sort(both, order, target, limit):
    # No two keys tie in the target: what etcd does with ties isn't stable.
    revision = 0
    for times, key, value in ((3, b"b", b"5"), (1, b"a", b"9"), (4, b"d", b"1"), (2, b"c", b"7")):
        for _ in range(times):
            both.put(key, value)
    both.range(*ALL, sort_order=order, sort_target=target, limit=limit)
    both.range(b"a", b"c", sort_order=order, sort_target=target, limit=limit)
    both.range(*ALL, sort_order=order, sort_target=target, limit=limit, keys_only=True)
    both.range(*ALL, sort_order=order, sort_target=target, limit=limit, count_only=True)


@pytest.mark.parametrize("order", ["ASCEND", "DESCEND"])
def test_sort_by_value_with_two_keys_that_tie(both, order):
    both.put(b"a", b"same")
    both.put(b"b", b"same")
    both.range(*ALL, sort_order=order, sort_target="VALUE")
    both.range(*ALL, sort_order=order, sort_target="VERSION")


@pytest.mark.parametrize("back", range(0, 14))
def test_at_every_revision(filled, back):
    revision = filled.revision - back
    for options in ({}, {"limit": 2}, {"count_only": True}, {"keys_only": True}, {"sort_order": "DESCEND", "sort_target": "MOD"}):
        filled.call("Range", key=b"\0", range_end=b"\0", revision=revision, **options)
    for key in (b"a", b"b", b"c", b"d", b"missing"):
        filled.call("Range", key=key, revision=revision)


@pytest.mark.parametrize("ahead", [1, 2, 1000, 2**40])
def test_a_future_revision_fails(filled, ahead):
    filled.fails(
        "OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision", "Range",
        key=b"a", revision=filled.revision + ahead)
    filled.call("Range", key=b"a", revision=filled.revision + ahead, serializable=True)
    filled.call("Range", key=b"\0", range_end=b"\0", revision=filled.revision + ahead, count_only=True)


@pytest.mark.parametrize("revision", [-1, -5, -(2**63)])
def test_a_negative_revision_is_the_present(filled, revision):
    filled.call("Range", key=b"\0", range_end=b"\0", revision=revision)


@pytest.mark.parametrize("back", [0, 1, 2, 5, 8])
def test_a_compacted_revision_fails_below_it(filled, back):
    revision = filled.revision - 3
    filled.ok("Compact", revision=revision, physical=True)
    filled.call("Range", key=b"\0", range_end=b"\0", revision=revision + 3 - back)
    filled.call("Range", key=b"c", revision=revision + 3 - back)
    filled.call("Range", key=b"c", revision=revision + 3 - back, serializable=True, count_only=True)
    filled.range(*ALL)


@pytest.mark.parametrize("field", ["min_mod_revision", "max_mod_revision", "min_create_revision", "max_create_revision"])
@pytest.mark.parametrize("back", [-1, 0, 1, 3, 5, 7, 9, 30])
def test_revision_bounds(filled, field, back):
    bound = max(filled.revision - back, 0)
    filled.range(*ALL, **{field: bound})
    filled.range(*ALL, limit=2, **{field: bound})
    filled.range(*ALL, count_only=True, **{field: bound})
    filled.range(*ALL, keys_only=True, sort_order="DESCEND", **{field: bound})
    filled.call("Range", key=b"\0", range_end=b"\0", revision=filled.revision - 2, **{field: bound})


def test_all_bounds_together(filled):
    now = filled.revision
    filled.range(*ALL, min_mod_revision=now - 6, max_mod_revision=now - 1, min_create_revision=now - 9, max_create_revision=now - 2)
    filled.range(*ALL, min_mod_revision=now - 6, max_mod_revision=now - 1, limit=1, sort_order="ASCEND", sort_target="VERSION")


@pytest.mark.parametrize("bound", [-1, -(2**63), 2**63 - 1])
def test_bounds_at_the_ends_of_their_type(filled, bound):
    for field in ("min_mod_revision", "max_mod_revision", "min_create_revision", "max_create_revision"):
        filled.range(*ALL, **{field: bound})


@pytest.mark.parametrize("options", [{}, {"range_end": b"\0"}, {"serializable": True}, {"count_only": True}, {"revision": 10**9}])
def test_an_empty_key_fails(both, options):
    both.fails("INVALID_ARGUMENT", "etcdserver: key is not provided", "Range", **options)


def test_an_empty_key_is_all_keys_only_with_an_end_in_etcdctl(both):
    both.put(b"a")
    both.fails("INVALID_ARGUMENT", "etcdserver: key is not provided", "Range", key=b"", range_end=b"b")


def test_keys_only_keeps_everything_but_the_value(filled):
    filled.range(b"a", keys_only=True)
    filled.range(b"a", b"z", keys_only=True)


def test_keys_only_with_sort_by_value(filled):
    filled.range(*ALL, keys_only=True, sort_order="ASCEND", sort_target="VALUE")


def test_keys_only_and_count_only_together(filled):
    filled.range(*ALL, keys_only=True, count_only=True)


def test_many_keys(both):
    for start in range(0, 1000, 100):
        from etcdtest import ops
        both.txn(success=[ops.put(b"k%04d" % n, b"value %d" % n) for n in range(start, start + 100)])
    both.range(*ALL)
    both.range(b"k0100", b"k0200", limit=10)
    both.range(*ALL, limit=999)
    both.range(*ALL, limit=1000)
    both.range(*ALL, sort_order="DESCEND", limit=7)
    both.range(*ALL, sort_order="DESCEND", sort_target="VALUE", limit=7)
    both.delete(b"k0100", b"k0900")
    both.range(*ALL, count_only=True)


def test_a_large_answer(both):
    for n in range(6):
        both.put(b"big%d" % n, bytes([n]) * 1_000_000)
    both.range(b"big", b"bih")
    both.range(b"big", b"bih", limit=4)
    both.range(b"big", b"bih", keys_only=True)


def test_binary_keys_are_ordered_by_bytes(both):
    for key in (b"\x00\x01", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xff\x00", b"\xff\xff", b"a", b"a\x00", b"a\xff", b"b"):
        both.put(key, key)
    both.range(*ALL)
    both.range(b"a", b"b")
    both.range(b"\x80", b"\xff\xff")
    both.range(b"\xff", b"\0")
    both.range(*ALL, sort_order="DESCEND")


def test_deadline_metadata_and_unknown_metadata_are_accepted(both):
    both.put(b"a")
    both.call("Range", key=b"a", timeout=60.0, metadata=(("hasleader", "true"), ("client-api-version", "3.5.16"), ("x-other", "1")))


def test_unknown_fields_are_skipped(both):
    both.put(b"a", b"1")
    # Fields 900 (varint), 901 (bytes), 902 (fixed64), 903 (fixed32) after the key.
    body = b"\x0a\x01a" + b"\xa0\x38\x05" + b"\xaa\x38\x02hi" + b"\xb1\x38" + b"\0" * 8 + b"\xbd\x38" + b"\0" * 4
    got = both.raw("/etcdserverpb.KV/Range", body)
    assert got.code == "OK"


def test_a_field_given_twice_counts_once(both):
    both.put(b"a", b"1")
    both.put(b"b", b"2")
    assert both.raw("/etcdserverpb.KV/Range", b"\x0a\x01a\x0a\x01b").code == "OK"
