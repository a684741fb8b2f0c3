"""The Watch stream, event by event."""

import time

import pytest

from differences import DIFFERENCES
from etcdtest import ops
from etcdtest.rpc import watch as messages
from etcdtest.watching import Stream, WatchPair

ALL = (b"\0", b"\0")


@pytest.fixture
def watching(both):
    with WatchPair(both) as stream:
        yield stream


def story(both):
    """Creates, changes, deletes and re-creates some keys, one request at a time."""
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    both.put(b"a", b"2")
    both.delete(b"b")
    both.txn(success=[ops.put(b"a", b"3"), ops.put(b"c", b"1"), ops.delete(b"d")])
    both.delete(b"a", b"d")
    both.put(b"b", b"again")


@pytest.mark.parametrize("key, end", [
    (b"a", b""), (b"b", b""), (b"a", b"c"), (b"b", b"\0"), (b"\0", b"\0"), (b"x", b""), (b"", b"\0"), (b"", b"b"), (b"c", b"d"),
], ids=repr)
@pytest.mark.parametrize("prev_kv", [False, True])
def test_events_as_they_happen(both, watching, key, end, prev_kv):
    watching.create(key, end, prev_kv=prev_kv)
    both.put(b"a", b"1")
    watching.expect("first put")
    both.put(b"b", b"1")
    both.put(b"a", b"2")
    both.delete(b"b")
    watching.expect("three changes")
    both.txn(success=[ops.put(b"a", b"3"), ops.put(b"c", b"1"), ops.delete(b"d")])
    watching.expect("a transaction")
    both.delete(b"a", b"d")
    both.put(b"b", b"again")
    watching.expect("the rest")


@pytest.mark.parametrize("prev_kv", [False, True])
@pytest.mark.parametrize("back", [0, 1, 2, 3, 4, 5, 6])
def test_from_a_past_revision(both, watching, back, prev_kv):
    story(both)
    watching.create(*ALL, start_revision=both.revision - back, prev_kv=prev_kv)
    watching.expect("history", flat=True)
    both.put(b"a", b"now")
    watching.expect("the present")


@pytest.mark.parametrize("ahead", [1, 2, 4])
def test_from_a_future_revision(both, watching, ahead):
    both.put(b"a", b"0")
    watching.create(b"a", start_revision=both.revision + ahead)
    for n in range(5):
        both.put(b"a", b"%d" % n)
        watching.expect(f"put {n}")


@pytest.mark.parametrize("filters", [["NOPUT"], ["NODELETE"], ["NOPUT", "NODELETE"], ["NOPUT", "NOPUT"], []], ids=str)
@pytest.mark.parametrize("past", [False, True])
def test_filters(both, watching, filters, past):
    start = both.revision + 1
    if past:
        story(both)
    watching.create(*ALL, filters=filters, prev_kv=True, **({"start_revision": start} if past else {}))
    if past:
        watching.expect("history", flat=True)
    story(both)
    watching.expect("the present", flat=True)


def test_several_watches_on_one_stream(both, watching):
    watching.create(b"a")
    watching.create(b"a", b"c", prev_kv=True)
    watching.create(*ALL, filters=["NOPUT"])
    watching.create(b"a")
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    both.delete(b"a", prev_kv=True)
    watching.expect("events of all")
    watching.cancel(1)
    both.put(b"a", b"2")
    watching.expect("without the cancelled one")
    watching.cancel(0)
    watching.cancel(3)
    both.delete(b"a")
    watching.expect("the last one")


def test_ids_chosen_by_the_client(both, watching):
    watching.create(b"a", watch_id=100)
    watching.create(b"b", watch_id=7)
    watching.create(b"c")
    watching.create(b"d")
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    both.put(b"c", b"1")
    watching.expect("events")


def test_an_id_in_use_is_refused(both, watching):
    watching.create(b"a", watch_id=5)
    watching.create(b"b", watch_id=5)
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    watching.expect("only the first")


def test_chosen_ids_are_stepped_over(both, watching):
    watching.create(b"a", watch_id=1)
    for key in (b"b", b"c", b"d"):
        watching.create(key)
    both.put(b"c", b"1")
    watching.expect("event")


def test_an_id_may_be_used_again_after_cancel(both, watching):
    watching.create(b"a", watch_id=9)
    watching.cancel(9)
    watching.create(b"b", watch_id=9)
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    watching.expect("event of the second")


def test_server_chosen_ids_go_on_after_cancel(both, watching):
    watching.create(b"a")
    watching.cancel(0)
    watching.create(b"a")
    both.put(b"a", b"1")
    watching.expect("event")


@pytest.mark.parametrize("watch_id", [-1, -7, 2**63 - 1])
def test_odd_ids(both, watching, watch_id):
    watching.create(b"a", watch_id=watch_id)
    both.put(b"a", b"1")
    watching.expect("event")


@pytest.mark.parametrize("watch_id", [0, 3, -1])
def test_cancelling_what_is_not_there(both, watching, watch_id):
    watching.cancel(watch_id)
    watching.create(b"a")
    both.put(b"a", b"1")
    watching.expect("the stream goes on")


def test_cancelling_twice(both, watching):
    watching.create(b"a")
    watching.cancel(0)
    watching.cancel(0)
    watching.create(b"a")


@pytest.mark.parametrize("key, end", [(b"b", b"a"), (b"a", b"a"), (b"b", b"\x01")], ids=repr)
def test_an_empty_range_is_refused(both, watching, key, end):
    watching.create(key, end)
    watching.create(b"a")
    both.put(b"a", b"1")
    watching.expect("the stream goes on")


def test_an_empty_key(both, watching):
    watching.create(b"")
    both.put(b"\0", b"1")
    both.put(b"a", b"1")
    watching.expect("event of the first possible key")


def test_a_negative_start_revision_is_refused(both):
    expected = DIFFERENCES["watch from a negative revision"]
    both.put(b"a", b"1")
    stream = Stream(both.ours)
    stream.send(messages.WatchRequest(create_request=messages.WatchCreateRequest(key=b"a", start_revision=-1)))
    got = stream.until(1)[0]
    assert (got.watch_id, got.created, got.canceled, got.cancel_reason) == expected.ours
    assert got.header.revision == both.revision
    stream.send(messages.WatchRequest(create_request=messages.WatchCreateRequest(key=b"a")))
    assert stream.until(1)[0].created, "the stream goes on"
    stream.close()


@pytest.mark.parametrize("back", [0, 1, 2, 3])
def test_a_compacted_start_revision(both, watching, back):
    story(both)
    compacted = both.revision - 1
    both.ok("Compact", revision=compacted, physical=True)
    watching.create(*ALL, start_revision=compacted + 1 - back)
    watching.expect("refusal or history", flat=True)
    both.put(b"a", b"now")
    watching.expect("afterwards")


def test_a_start_revision_compacted_far_ahead(both, watching):
    story(both)
    both.ok("Compact", revision=both.revision, physical=True)
    watching.create(b"a", start_revision=1)
    watching.expect("refusal")
    watching.create(b"a")
    both.put(b"a", b"now")
    watching.expect("another watch on the stream")


@pytest.mark.parametrize("watchers", [0, 1, 3])
def test_a_progress_request(both, watching, watchers):
    for n in range(watchers):
        watching.create(b"k%d" % n)
    both.put(b"k0", b"1")
    watching.expect("event")
    watching.progress()
    both.put(b"other", b"1")
    watching.progress()
    watching.progress()


def test_progress_after_catching_up(both, watching):
    story(both)
    watching.create(*ALL, start_revision=both.revision - 4)
    watching.expect("history", flat=True)
    watching.progress()


def test_progress_notify_asks_for_nothing_at_once(both, watching):
    watching.create(b"a", progress_notify=True)
    both.put(b"a", b"1")
    watching.expect("event")


def test_an_empty_request(both, watching):
    watching.send(messages.WatchRequest())
    watching.expect("nothing")
    watching.create(b"a")
    both.put(b"a", b"1")
    watching.expect("the stream goes on")


def test_a_large_transaction(both, watching):
    watching.create(b"k", b"l", prev_kv=True)
    both.txn(success=[ops.put(b"k%03d" % n, b"v%d" % n) for n in range(128)])
    watching.expect("128 puts in one response")
    both.delete(b"k", b"l")
    watching.expect("128 deletes in one response")


@pytest.mark.parametrize("fragment", [False, True])
def test_fragments(both, watching, fragment):
    watching.create(b"big", b"bih", fragment=fragment)
    both.put(b"big0", b"x" * 500_000)
    watching.expect("one")
    # More than the fragment size in one revision, from values that are there already.
    for n in range(6):
        both.put(b"pre%d" % n, bytes([n]) * 700_000)
    watching.create(b"pre", b"prf", start_revision=both.revision - 5, fragment=fragment, expect=False)
    watching.expect("history in pieces", quiet=0.4, flat=True, at_least=7)


def test_fragments_of_one_revision(both, watching):
    watching.create(b"d", b"e", fragment=True, prev_kv=True)
    for n in range(6):
        both.put(b"d%d" % n, bytes([n]) * 700_000)
    watching.expect("puts", quiet=0.4)
    both.delete(b"d", b"e")
    watching.expect("deletes with previous values in fragments", quiet=0.4)


def test_thousands_of_events_in_order(both, watching):
    start = both.revision + 1
    for batch in range(20):
        both.txn(success=[ops.put(b"k%03d" % n, b"%d" % batch) for n in range(100)])
    watching.create(b"k", b"l", start_revision=start, expect=False)
    watching.expect("2000 events", quiet=0.4, flat=True, at_least=2000)


def test_many_watches(both, watching):
    for n in range(150):
        watching.create(b"k%03d" % n, expect=False)
    watching.expect("150 created", quiet=0.3)
    both.txn(success=[ops.put(b"k%03d" % n, b"v") for n in range(100)])
    both.put(b"k149", b"last")
    watching.expect("events of 101", quiet=0.3)


def test_a_watch_on_a_key_with_a_lease_that_is_revoked(both, watching):
    both.ok("LeaseGrant", TTL=800, ID=55)
    both.put(b"l1", b"1", lease=55)
    both.put(b"l2", b"1", lease=55)
    watching.create(b"l", b"m", prev_kv=True)
    both.ok("LeaseRevoke", ID=55)
    watching.expect("both deleted in one revision")
    both.revision


def test_prev_kv_of_a_compacted_revision_is_left_out(both, watching):
    both.put(b"a", b"1")
    both.put(b"a", b"2")
    start = both.revision + 1
    both.put(b"a", b"3")
    both.ok("Compact", revision=both.revision, physical=True)
    watching.create(b"a", start_revision=start, prev_kv=True)
    watching.expect("history", flat=True)
    both.put(b"a", b"4")
    watching.expect("the present")


def test_a_transaction_that_changes_a_key_and_deletes_a_range(both, watching):
    both.put(b"b1", b"0")
    both.put(b"b2", b"0")
    watching.create(*ALL, prev_kv=True)
    both.txn(success=[ops.put(b"a", b"1"), ops.delete(b"b", b"c"), ops.put(b"c", b"1")])
    watching.expect("four events of one revision")


def test_two_streams_have_their_own_ids(both):
    with WatchPair(both) as first, WatchPair(both) as second:
        first.create(b"a")
        second.create(b"a")
        second.create(b"b")
        both.put(b"a", b"1")
        first.expect("first stream")
        second.expect("second stream")
        second.cancel(0)
        both.put(b"a", b"2")
        first.expect("first stream")
        second.expect("second stream")


def test_a_half_closed_stream_goes_on_or_ends_alike(both):
    with WatchPair(both) as stream:
        stream.create(b"a")
        for one in stream.streams:
            one.requests.put(None)
        time.sleep(0.3)
        both.put(b"a", b"1")
        stream.expect("after half close")


def test_hasleader_metadata(both):
    with WatchPair(both, metadata=(("hasleader", "true"),)) as stream:
        stream.create(b"a")
        both.put(b"a", b"1")
        stream.expect("event")
