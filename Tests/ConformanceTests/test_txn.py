"""KV.Txn: compares, operations, nesting, and everything it refuses."""

import pytest

from differences import DIFFERENCES
from etcdtest.ops import compare, delete, get, put, txn
from etcdtest.pair import answer

ALL = (b"\0", b"\0")
TARGETS = ["VERSION", "CREATE", "MOD", "VALUE", "LEASE"]
RESULTS = ["EQUAL", "GREATER", "LESS", "NOT_EQUAL"]


@pytest.fixture
def filled(both):
    both.ok("LeaseGrant", TTL=900, ID=41)
    both.put(b"a", b"1")
    both.put(b"b", b"5", lease=41)
    both.put(b"b", b"6", lease=41)
    both.put(b"c", b"9")
    return both


def values(both, target):
    now = both.revision
    if target == "VALUE":
        return [b"", b"1", b"6", b"55", b"9"]
    if target == "LEASE":
        return [0, 41, 40, 42]
    if target == "VERSION":
        return [0, 1, 2, -1]
    return [0, now - 4, now - 3, now - 2, now - 1, now]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("key", [b"a", b"b", b"missing"])
def test_every_compare(filled, target, result, key):
    for value in values(filled, target):
        filled.txn([compare(target, result, key, value)], [get(key)], [get(b"a")])
    filled.txn([compare(target, result, key)], [get(key)], [get(b"a")])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("result", RESULTS)
def test_every_compare_over_a_range(filled, target, result):
    for value in values(filled, target):
        for key, end in ((b"a", b"c"), (b"a", b"\0"), (b"b", b"b\0"), (b"x", b"y"), (b"c", b"a"), ALL):
            filled.txn([compare(target, result, key, value, range_end=end)], [get(b"a")], [get(b"b")])


def test_a_compare_whose_union_is_another_field(filled):
    from etcdtest.rpc import kv
    filled.txn([kv.Compare(target="VERSION", result="EQUAL", key=b"a", mod_revision=1)], [get(b"a")], [get(b"b")])
    filled.txn([kv.Compare(target="VALUE", result="EQUAL", key=b"a", version=1)], [get(b"a")], [get(b"b")])
    filled.txn([kv.Compare(target="LEASE", result="EQUAL", key=b"b", value=b"x")], [get(b"a")], [get(b"b")])


def test_a_compare_with_unknown_target_or_result(filled):
    from etcdtest.rpc import kv
    filled.call("Txn", compare=[kv.Compare(target=9, result=0, key=b"a", version=1)], success=[get(b"a")], failure=[get(b"b")])
    filled.call("Txn", compare=[kv.Compare(target=0, result=9, key=b"a", version=1)], success=[get(b"a")], failure=[get(b"b")])


def test_all_compares_must_hold(filled):
    yes, no = compare("VALUE", "EQUAL", b"a", b"1"), compare("VALUE", "EQUAL", b"b", b"1")
    for compares in ([yes], [no], [yes, yes], [yes, no], [no, yes], []):
        filled.txn(compares, [put(b"t", b"yes"), get(b"t")], [put(b"t", b"no"), get(b"t")])


def test_an_empty_txn(both):
    before = both.revision
    both.txn()
    both.txn([compare("VERSION", "EQUAL", b"x", 1)])
    assert both.revision == before


def test_a_read_only_txn_makes_no_revision(filled):
    before = filled.revision
    filled.txn(success=[get(b"a"), get(*ALL), get(b"missing"), get(*ALL, count_only=True)])
    assert filled.revision == before


def test_operations_see_those_before_them(both):
    both.txn(success=[
        get(b"k"), put(b"k", b"1"), get(b"k"), put(b"l", b"2", prev_kv=True), get(*ALL), delete(b"m"), get(*ALL, keys_only=True)])
    both.range(*ALL)


def test_puts_of_one_txn_share_the_main_revision(both):
    before = both.revision
    both.txn(success=[put(b"a", b"1"), put(b"b", b"2"), put(b"c", b"3")])
    assert both.revision == before + 1
    both.range(*ALL)


def test_put_then_delete_of_the_range_is_refused(both):
    both.fails(
        "INVALID_ARGUMENT", "etcdserver: duplicate key given in txn request", "Txn", success=[put(b"a", b"1"), delete(b"a")])
    both.range(*ALL)


@pytest.mark.parametrize("operations", [
    [put(b"a"), put(b"a")], [put(b"a"), delete(b"a")], [delete(b"a"), put(b"a")], [put(b"b"), delete(b"a", b"c")],
    [delete(b"a", b"c"), put(b"b")], [delete(b"a", b"\0"), put(b"x")], [put(b"x"), delete(b"\0", b"\0")],
    [delete(b"a"), delete(b"a")], [delete(b"a", b"d"), delete(b"b", b"c")], [put(b"a"), get(b"a"), put(b"b")],
    [delete(b"a", b"b"), put(b"b")], [put(b"b"), delete(b"a", b"b")], [delete(b"c", b"a"), put(b"b")],
    [put(b"a"), txn(success=[put(b"a")])], [txn(success=[put(b"a")]), put(b"a")], [txn(success=[put(b"a")], failure=[put(b"a")])],
    [txn(success=[put(b"a")]), txn(success=[put(b"a")])], [txn(success=[delete(b"a", b"c")]), put(b"b")],
    [put(b"b"), txn(failure=[delete(b"a", b"c")])], [txn(success=[txn(success=[put(b"a")])]), put(b"a")],
    [txn(success=[delete(b"a")]), txn(failure=[put(b"a")])], [delete(b"a"), txn(success=[put(b"a")])],
    [txn(success=[delete(b"a")]), txn(success=[delete(b"a")])],
], ids=lambda o: "+".join(x.WhichOneof("request")[8:] for x in o))
@pytest.mark.parametrize("branch", ["success", "failure"])
def test_duplicate_keys(both, operations, branch):
    both.put(b"a", b"0")
    both.call("Txn", **{branch: operations})
    both.call("Txn", compare=[compare("VERSION", "EQUAL", b"none", 7)], **{branch: operations})
    both.range(*ALL)


@pytest.mark.parametrize("count", [127, 128, 129, 200])
@pytest.mark.parametrize("part", ["success", "failure", "compare"])
def test_the_number_of_operations_is_limited(both, count, part):
    if part == "compare":
        items = [compare("VERSION", "EQUAL", b"k%d" % n, 0) for n in range(count)]
    else:
        items = [put(b"k%d" % n) for n in range(count)]
    got = both.call("Txn", **{part: items})
    if count > 128:
        assert (got.code, got.details) == ("INVALID_ARGUMENT", "etcdserver: too many operations in txn request")
    both.range(*ALL, count_only=True)


@pytest.mark.parametrize("outer, inner", [(1, 127), (1, 128), (64, 64), (64, 65), (2, 126), (127, 1), (127, 2), (128, 1), (128, 0)])
def test_nested_operations_count_against_what_is_left(both, outer, inner):
    nested = txn(success=[put(b"n%d" % n) for n in range(inner)])
    both.call("Txn", success=[nested] + [put(b"k%d" % n) for n in range(outer - 1)])
    both.call("Txn", failure=[nested] + [put(b"k%d" % n) for n in range(outer - 1)])
    both.range(*ALL, count_only=True)


def test_an_empty_operation_fails(both):
    from etcdtest.rpc import kv
    both.fails("INVALID_ARGUMENT", "etcdserver: key not found", "Txn", success=[kv.RequestOp()])
    both.call("Txn", failure=[kv.RequestOp()])
    both.call("Txn", success=[put(b"a"), kv.RequestOp()])
    both.call("Txn", success=[txn(success=[kv.RequestOp()])])
    both.range(*ALL)


@pytest.mark.parametrize("operation", [
    put(b""), get(b""), delete(b""), txn(success=[put(b"")]), txn(failure=[get(b"")]), put(b"", lease=4), get(b"", b"\0"),
], ids=lambda o: o.WhichOneof("request")[8:])
@pytest.mark.parametrize("branch", ["success", "failure"])
def test_an_empty_key_in_an_operation_fails(both, operation, branch):
    both.fails("INVALID_ARGUMENT", "etcdserver: key is not provided", "Txn", **{branch: [put(b"x"), operation]})
    both.range(*ALL)


def test_an_empty_key_in_a_compare(both):
    both.call("Txn", compare=[compare("VERSION", "EQUAL", b"", 0)], success=[put(b"a")])
    both.call("Txn", success=[txn([compare("VERSION", "EQUAL", b"", 0)], [put(b"b")])])


@pytest.mark.parametrize("operation", [
    put(b"k", b"v", ignore_value=True), put(b"k", lease=4, ignore_lease=True), put(b"k", ignore_value=True),
    put(b"k", ignore_lease=True), put(b"k", lease=12345),
], ids=["value given", "lease given", "no value", "no lease", "unknown lease"])
@pytest.mark.parametrize("taken", [True, False])
def test_what_put_refuses_fails_the_whole_txn(both, operation, taken):
    both.put(b"other", b"0")
    branch = "success" if taken else "failure"
    got = both.call("Txn", **{branch: [put(b"x", b"1"), operation]})
    both.range(*ALL)
    both.revision
    both.call("Txn", **{branch: [operation]})


@pytest.mark.parametrize("ahead", [1, 1000])
def test_a_future_revision_in_a_range_fails_the_txn(filled, ahead):
    revision = filled.revision
    filled.call("Txn", success=[get(b"a", revision=revision + ahead)])
    filled.call("Txn", success=[get(b"a", revision=revision)])
    filled.call("Txn", success=[put(b"new", b"1"), get(b"a", revision=revision + ahead + 1)])
    filled.call("Txn", failure=[get(b"a", revision=revision + ahead + 5)])
    filled.range(*ALL)


def test_a_range_at_the_revision_that_the_txn_makes(filled):
    # Sent to both: whatever the reference says, ours must say too.
    filled.call("Txn", success=[put(b"new", b"1"), get(b"new", revision=filled.revision)])
    filled.call("Txn", success=[put(b"new", b"2"), get(b"new", revision=filled.revision + 1)])
    filled.range(*ALL)


def test_a_compacted_revision_in_a_range_fails_the_txn(filled):
    revision = filled.revision
    filled.ok("Compact", revision=revision - 1)
    filled.call("Txn", success=[get(b"a", revision=revision - 3)])
    filled.call("Txn", success=[put(b"a", b"x"), get(b"a", revision=revision - 3)])
    filled.call("Txn", success=[get(b"a", revision=revision - 1)])
    filled.call("Txn", compare=[compare("VERSION", "EQUAL", b"none", 3)], failure=[get(b"a", revision=1)])
    filled.range(*ALL)


def test_nested_txns(both):
    inner = txn([compare("VALUE", "EQUAL", b"a", b"1")], [put(b"in", b"yes"), get(b"in")], [put(b"in", b"no"), get(*ALL)])
    both.txn(success=[put(b"a", b"1"), inner])
    both.txn(success=[put(b"a", b"2"), inner])
    both.txn([compare("VERSION", "GREATER", b"a", 0)], [txn(success=[txn(success=[txn(success=[get(*ALL)])])])])
    both.txn(success=[txn(), txn(failure=[put(b"never")])])
    both.range(*ALL)


def test_nested_compares_see_the_state_before_the_outer_operations(both):
    both.put(b"a", b"0")
    both.txn(success=[
        put(b"a", b"1"),
        txn([compare("VALUE", "EQUAL", b"a", b"1")], [put(b"saw", b"new")], [put(b"saw", b"old")]),
        txn([compare("MOD", "GREATER", b"a", both.revision)], [put(b"mod", b"new")], [put(b"mod", b"old")]),
    ])
    both.range(*ALL)


def test_nested_read_only_txns_make_no_revision(filled):
    before = filled.revision
    filled.txn(success=[txn(success=[get(b"a")]), txn([compare("VERSION", "EQUAL", b"a", 9)], [put(b"x")], [get(b"b")])])
    assert filled.revision == before


def test_a_txn_that_deletes_nothing_makes_no_revision(filled):
    before = filled.revision
    filled.txn(success=[delete(b"missing"), delete(b"m", b"n", prev_kv=True)])
    assert filled.revision == before


def test_range_options_inside(filled):
    filled.txn(success=[
        get(*ALL, limit=2), get(*ALL, sort_order="DESCEND", sort_target="KEY"), get(*ALL, keys_only=True), get(*ALL, count_only=True),
        get(*ALL, min_mod_revision=filled.revision), get(*ALL, revision=filled.revision - 2), get(*ALL, serializable=True),
        get(*ALL, max_create_revision=filled.revision - 2, limit=1)])


def test_put_options_inside(filled):
    filled.txn(success=[
        put(b"a", b"2", prev_kv=True), put(b"b", ignore_value=True, prev_kv=True), put(b"c", b"3", lease=41), put(b"d", b"4")])
    filled.range(*ALL)
    filled.txn(success=[put(b"b", b"7", ignore_lease=True, prev_kv=True), delete(b"a", prev_kv=True)])
    filled.range(*ALL)
    filled.call("LeaseTimeToLive", ID=41, keys=True, ignore=("TTL",))


def test_delete_with_previous_values_inside(filled):
    filled.txn(success=[delete(b"a", b"c", prev_kv=True), get(*ALL), put(b"z", b"1")])
    filled.range(*ALL)


def test_a_lease_in_a_branch_not_taken_may_be_unknown(both):
    both.call("Txn", compare=[compare("VERSION", "EQUAL", b"none", 5)], success=[put(b"a", lease=987)], failure=[put(b"a", b"ok")])
    both.range(b"a")


def test_a_txn_over_the_request_limit_fails(both):
    both.call("Txn", success=[put(b"a", b"x" * 800_000), put(b"b", b"x" * 800_000)])
    both.range(*ALL, count_only=True)


def test_the_usual_lock_and_swap(both):
    for _ in range(2):
        both.txn([compare("CREATE", "EQUAL", b"lock", 0)], [put(b"lock", b"me")], [get(b"lock")])
    revision = both.range(b"lock").kvs[0].mod_revision
    for _ in range(2):
        both.txn([compare("MOD", "EQUAL", b"lock", revision)], [put(b"lock", b"you")], [get(b"lock")])


@pytest.mark.parametrize("depth", [5, 20, 40])
def test_deep_nesting(both, depth):
    operation = put(b"deep", b"%d" % depth)
    for _ in range(depth):
        operation = txn(success=[operation])
    both.call("Txn", success=[operation])
    both.range(b"deep")


@pytest.mark.parametrize("operation", [put(b"k", ignore_value=True), put(b"k", ignore_lease=True), put(b"k", lease=12345)],
                         ids=["no value", "no lease", "unknown lease"])
def test_a_put_that_fails_inside_a_nested_transaction(both, operation):
    """Not sent to the reference, which may end with a panic: nothing of the whole transaction is done."""
    expected = DIFFERENCES["a put that fails inside a nested transaction"]
    client = both.ours.client
    before = both.revision
    got = answer(lambda: client.call("Txn", success=[put(b"x", b"1"), txn(success=[put(b"y", b"1"), txn(success=[operation])])]))
    assert got.code in expected.ours
    assert client.call("Range", key=b"\0", range_end=b"\0").count == 0
    assert both.revision == before
