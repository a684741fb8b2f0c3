"""KV.Compact and what history looks like after it."""

import pytest

ALL = (b"\0", b"\0")
COMPACTED = ("OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted")
FUTURE = ("OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision")


@pytest.fixture
def filled(both):
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    both.put(b"a", b"2")
    both.delete(b"b")
    both.put(b"a", b"3")
    both.put(b"b", b"2")
    return both


@pytest.mark.parametrize("physical", [False, True])
@pytest.mark.parametrize("back", range(0, 7))
def test_compact_at_each_revision(filled, back, physical):
    now = filled.revision
    filled.ok("Compact", revision=now - back, physical=physical)
    for revision in range(now - 7, now + 1):
        filled.call("Range", key=b"\0", range_end=b"\0", revision=revision)
        filled.call("Range", key=b"b", revision=revision, count_only=True)
    filled.range(*ALL)
    filled.put(b"a", b"4", prev_kv=True)
    filled.call("Range", key=b"a", revision=now)


@pytest.mark.parametrize("physical", [False, True])
def test_compacting_twice_at_the_same_revision_fails(filled, physical):
    now = filled.revision
    filled.ok("Compact", revision=now, physical=physical)
    filled.fails(*COMPACTED, "Compact", revision=now, physical=physical)
    filled.fails(*COMPACTED, "Compact", revision=now - 1)


@pytest.mark.parametrize("ahead", [1, 5, 2**50])
def test_a_future_revision_fails(filled, ahead):
    filled.fails(*FUTURE, "Compact", revision=filled.revision + ahead)


@pytest.mark.parametrize("revision", [0, -1, -(2**63)])
def test_zero_and_negative_revisions(filled, revision):
    filled.call("Compact", revision=revision)


def test_compacting_makes_no_revision(filled):
    before = filled.revision
    filled.ok("Compact", revision=before, physical=True)
    assert filled.revision == before


def test_a_tombstone_at_the_compacted_revision(both):
    both.put(b"k", b"1")
    both.delete(b"k")
    both.ok("Compact", revision=both.revision, physical=True)
    both.range(b"k")
    both.call("Range", key=b"k", revision=both.revision)
    both.put(b"k", b"2", prev_kv=True)
    both.range(b"k")


def test_a_key_deleted_before_the_compaction_is_gone_with_its_history(both):
    both.put(b"k", b"1")
    both.put(b"k", b"2")
    both.delete(b"k")
    both.put(b"other", b"1")
    both.ok("Compact", revision=both.revision, physical=True)
    both.range(*ALL)
    both.put(b"k", b"3")
    both.range(b"k")
    both.call("Range", key=b"k", revision=both.revision - 1)


def test_repeated_compactions(both):
    for n in range(6):
        for m in range(4):
            both.put(b"k%d" % m, b"%d" % n)
        both.delete(b"k1")
        both.ok("Compact", revision=both.revision - 2, physical=n % 2 == 0)
        both.range(*ALL)
        both.call("Range", key=b"\0", range_end=b"\0", revision=both.revision - 1)
        both.call("Range", key=b"\0", range_end=b"\0", revision=both.revision - 3)
