"""KV.Put: every option and error."""

import pytest


@pytest.mark.parametrize("value", [b"", b"v", b"\0", bytes(range(256)), b"x" * 70_000, "✓ ü".encode()], ids=len)
def test_a_value_is_stored_as_it_is(both, value):
    both.put(b"k", value)
    both.range(b"k")


@pytest.mark.parametrize(
    "key", [b"k", b"\0", b"\xff", b"\xff\xff", b"a\0b", b"/a/b", bytes(range(1, 256)), b"x" * 600, b"y" * 5000], ids=len)
def test_a_key_may_be_any_bytes(both, key):
    both.put(key, b"1")
    both.put(key, b"2")
    both.range(key)
    both.range(b"\0", b"\0")
    both.delete(key, prev_kv=True)


@pytest.mark.parametrize("prev_kv", [False, True])
@pytest.mark.parametrize("exists", [False, True])
def test_prev_kv(both, exists, prev_kv):
    if exists:
        both.put(b"k", b"old")
    both.put(b"k", b"new", prev_kv=prev_kv)
    both.range(b"k")


def test_prev_kv_of_a_deleted_key_is_none(both):
    both.put(b"k", b"1")
    both.delete(b"k")
    both.put(b"k", b"2", prev_kv=True)
    both.put(b"k", b"3", prev_kv=True)


def test_versions_and_revisions_count_per_life(both):
    for value in (b"1", b"2", b"3"):
        both.put(b"k", value)
        both.range(b"k")
    both.delete(b"k")
    both.range(b"k")
    for value in (b"4", b"5"):
        both.put(b"k", value)
        both.range(b"k")


@pytest.mark.parametrize("prev_kv", [False, True])
def test_ignore_value_keeps_the_value(both, prev_kv):
    both.put(b"k", b"kept")
    both.put(b"k", ignore_value=True, prev_kv=prev_kv)
    both.range(b"k")


def test_ignore_value_of_a_missing_key_fails(both):
    both.fails("INVALID_ARGUMENT", "etcdserver: key not found", "Put", key=b"k", ignore_value=True)
    both.revision


def test_ignore_value_of_a_deleted_key_fails(both):
    both.put(b"k", b"1")
    both.delete(b"k")
    both.fails("INVALID_ARGUMENT", "etcdserver: key not found", "Put", key=b"k", ignore_value=True)


def test_ignore_value_with_a_value_fails(both):
    both.put(b"k", b"1")
    both.fails("INVALID_ARGUMENT", "etcdserver: value is provided", "Put", key=b"k", value=b"v", ignore_value=True)


@pytest.mark.parametrize("prev_kv", [False, True])
def test_ignore_lease_keeps_the_lease(both, prev_kv):
    both.ok("LeaseGrant", TTL=600, ID=71)
    both.put(b"k", b"1", lease=71)
    both.put(b"k", b"2", ignore_lease=True, prev_kv=prev_kv)
    both.range(b"k")
    both.call("LeaseTimeToLive", ID=71, keys=True, ignore=("TTL",))


def test_ignore_lease_of_a_missing_key_fails(both):
    both.fails("INVALID_ARGUMENT", "etcdserver: key not found", "Put", key=b"k", ignore_lease=True)


def test_ignore_lease_with_a_lease_fails(both):
    both.ok("LeaseGrant", TTL=600, ID=72)
    both.put(b"k", b"1")
    both.fails("INVALID_ARGUMENT", "etcdserver: lease is provided", "Put", key=b"k", lease=72, ignore_lease=True)


def test_ignoring_both_makes_a_new_version(both):
    both.ok("LeaseGrant", TTL=600, ID=73)
    both.put(b"k", b"1", lease=73)
    both.put(b"k", ignore_lease=True, ignore_value=True, prev_kv=True)
    both.range(b"k")


def test_a_put_without_lease_detaches(both):
    both.ok("LeaseGrant", TTL=600, ID=74)
    both.put(b"k", b"1", lease=74)
    both.put(b"k", b"2", prev_kv=True)
    both.range(b"k")
    both.call("LeaseTimeToLive", ID=74, keys=True, ignore=("TTL",))


def test_a_put_moves_a_key_to_another_lease(both):
    both.ok("LeaseGrant", TTL=600, ID=75)
    both.ok("LeaseGrant", TTL=600, ID=76)
    both.put(b"k", b"1", lease=75)
    both.put(b"k", b"2", lease=76)
    both.range(b"k")
    for lease in (75, 76):
        both.call("LeaseTimeToLive", ID=lease, keys=True, ignore=("TTL",))


@pytest.mark.parametrize("lease", [1, 999, -1, 2**63 - 1])
def test_an_unknown_lease_fails(both, lease):
    both.fails("NOT_FOUND", "etcdserver: requested lease not found", "Put", key=b"k", value=b"v", lease=lease)
    both.range(b"k")


def test_a_lease_of_the_servers_choice(both):
    lease = both.grant(600)
    both.put(b"k", b"v", lease=lease)
    both.range(b"k")


@pytest.mark.parametrize("options", [{}, {"ignore_value": True}, {"ignore_lease": True}, {"prev_kv": True}, {"lease": 5}])
def test_an_empty_key_fails(both, options):
    both.fails("INVALID_ARGUMENT", "etcdserver: key is not provided", "Put", key=b"", **options)


def test_an_empty_key_is_found_before_a_given_value(both):
    both.fails("INVALID_ARGUMENT", "etcdserver: key is not provided", "Put", value=b"v", ignore_value=True)


@pytest.mark.parametrize("size", [1_572_000, 1_572_864, 1_572_900, 1_600_000, 2_000_000])
def test_a_value_over_the_request_limit_fails(both, size):
    both.call("Put", key=b"k", value=b"v" * size)
    both.range(b"k", count_only=True)


def test_a_message_over_the_transport_limit_fails(both):
    got = both.call("Put", key=b"k", value=b"v" * 3_000_000)
    assert got.code == "RESOURCE_EXHAUSTED"


def test_several_sizes_around_the_transport_limit(both):
    for size in (2_097_130, 2_097_140, 2_097_145, 2_097_150, 2_097_160):
        both.call("Put", key=b"k", value=b"v" * size)
