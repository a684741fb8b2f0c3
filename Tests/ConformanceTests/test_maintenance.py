"""Maintenance, Cluster and health services."""

import hashlib
import subprocess

import pytest

from differences import DIFFERENCES
from etcdtest import ops, paths
from etcdtest.pair import answer

ALL = (b"\0", b"\0")


def test_status(both):
    both.put(b"a", b"1")
    answers = both.answers("Status")
    both.compare("Status", {}, answers, ignore=("storageVersion", "dbSizeQuota", "downgradeInfo"))
    reference, ours = (a.reply for a in answers)
    for message, side in ((reference, "reference"), (ours, "ours")):
        assert message.storageVersion == getattr(DIFFERENCES["status storageVersion"], side)
        assert message.dbSizeQuota == getattr(DIFFERENCES["status dbSizeQuota"], side)
        assert message.HasField("downgradeInfo") == getattr(DIFFERENCES["status downgradeInfo"], side)
    assert ours.version.startswith("3.6.")
    assert ours.leader == ours.header.member_id != 0
    assert ours.raftTerm == ours.header.raft_term >= 2
    assert ours.raftIndex >= ours.raftAppliedIndex > 0
    assert ours.dbSize >= ours.dbSizeInUse > 0
    assert not ours.downgradeInfo.enabled


def test_status_counts_the_log(both):
    before = both.ours.client.call("Status")
    both.put(b"a", b"1")
    after = both.ours.client.call("Status")
    assert after.raftIndex == before.raftIndex + 1
    assert after.raftTerm == before.raftTerm


def same_hash(both, revision=0):
    answers = both.answers("HashKV", revision=revision)
    both.compare("HashKV", {"revision": revision}, answers, ignore=("hash_revision",))
    if answers[0].code == "OK":
        assert answers[0].reply.hash_revision == DIFFERENCES["hashkv hash_revision"].reference
        assert answers[1].reply.hash_revision == (revision or answers[1].reply.header.revision)
    return answers[0]


@pytest.fixture
def filled(both):
    """A pair of its own history: compactions of earlier cases are part of every hash."""
    for n in range(5):
        both.put(b"a%d" % n, b"v%d" % n)
    both.put(b"a1", b"again")
    both.delete(b"a2")
    both.txn(success=[ops.put(b"b", b"1"), ops.put(b"c", b"2"), ops.delete(b"a0", b"a2")])
    both.put(b"a2", b"back")
    return both


@pytest.mark.parametrize("back", range(0, 10))
def test_hashkv_is_equal_at_every_revision(filled, back):
    same_hash(filled, filled.revision - back)
    same_hash(filled)


@pytest.mark.parametrize("back", range(0, 10))
def test_hashkv_after_a_compaction(filled, back):
    filled.ok("Compact", revision=filled.revision - back, physical=True)
    for revision in range(filled.revision - 10, filled.revision + 1):
        same_hash(filled, revision)
    same_hash(filled)


def test_hashkv_of_a_future_revision_fails(filled):
    assert same_hash(filled, filled.revision + 1).code == "OUT_OF_RANGE"


@pytest.mark.parametrize("revision", [-1, -(2**63)])
def test_hashkv_of_a_negative_revision(filled, revision):
    filled.call("HashKV", revision=revision, ignore=("hash_revision",))


def test_hashkv_with_leases(both):
    both.ok("LeaseGrant", TTL=900, ID=5)
    both.put(b"a", b"1", lease=5)
    same_hash(both)
    both.ok("LeaseRevoke", ID=5)
    same_hash(both)


def test_hash_answers_some_hash(both):
    both.put(b"a", b"1")
    answers = both.answers("Hash")
    both.compare("Hash", {}, answers, ignore=("hash",))
    assert answers[1].reply.hash != 0


def test_defragment_keeps_everything(filled):
    before = filled.range(*ALL)
    filled.ok("Defragment")
    assert filled.range(*ALL) == before
    same_hash(filled)
    filled.put(b"after", b"1")
    filled.range(*ALL)


def test_move_leader_fails_with_one_member(both):
    for target in (0, 1, 12345):
        both.call("MoveLeader", targetID=target)
    outcomes = both.each(lambda s: answer(lambda: s.client.call("MoveLeader", targetID=s.client.call("Status").header.member_id)))
    both.same("MoveLeader to itself", *[o.plain(s.names) for s, o in zip(both.sides, outcomes)])


# Alarms

def alarm_of(side, **fields):
    """Fields with this server's own member id where asked for."""
    return {k: (side.client.call("Status").header.member_id if v == "me" else v) for k, v in fields.items()}


def alarms(both, action, **fields):
    outcomes = both.each(lambda s: answer(lambda: s.client.call("Alarm", action=action, **alarm_of(s, **fields))))
    both.same(f"Alarm {action} {fields}", *[o.plain(s.names) for s, o in zip(both.sides, outcomes)])
    return outcomes[0]


@pytest.fixture
def disarmed(both):
    yield both
    for side in both.sides:
        for held in side.client.call("Alarm", action="GET").alarms:
            side.client.call("Alarm", action="DEACTIVATE", memberID=held.memberID, alarm=held.alarm)


def test_no_alarms(both):
    for kind in ("NONE", "NOSPACE", "CORRUPT"):
        alarms(both, "GET", alarm=kind)
    alarms(both, "GET", memberID="me")


@pytest.mark.parametrize("kind", ["NOSPACE", "CORRUPT"])
@pytest.mark.parametrize("member", ["me", 7, 0])
def test_an_alarm_is_raised_listed_and_disarmed(disarmed, kind, member):
    alarms(disarmed, "ACTIVATE", alarm=kind, memberID=member)
    alarms(disarmed, "GET")
    alarms(disarmed, "GET", alarm=kind)
    alarms(disarmed, "GET", alarm="NOSPACE" if kind == "CORRUPT" else "CORRUPT")
    alarms(disarmed, "ACTIVATE", alarm=kind, memberID=member)
    disarmed.call("Put", key=b"k", value=b"v")
    disarmed.call("Range", key=b"k")
    disarmed.call("Range", key=b"k", serializable=True)
    disarmed.call("DeleteRange", key=b"k")
    disarmed.call("Txn", success=[ops.get(b"k")])
    disarmed.call("Txn", success=[ops.put(b"k", b"w")])
    disarmed.call("Txn", success=[ops.get(b"k")], failure=[ops.put(b"k", b"w")])
    disarmed.call("Txn", success=[ops.delete(b"k")])
    disarmed.call("LeaseGrant", TTL=100, ID=91)
    disarmed.call("LeaseRevoke", ID=91)
    disarmed.call("Compact", revision=disarmed.sides[0].client.call("Status").header.revision)
    answers = disarmed.answers("Status")
    disarmed.same("Status errors", *[
        sorted(e.replace(str(a.reply.header.member_id), "<me>") for e in a.reply.errors) for a in answers])
    statuses = disarmed.http("/health")
    disarmed.same("/health", *[(status, body) for status, _, body in statuses])
    statuses = disarmed.http(f"/health?exclude={kind}")
    disarmed.same("/health excluding it", *[(status, body) for status, _, body in statuses])
    alarms(disarmed, "DEACTIVATE", alarm=kind, memberID=member)
    alarms(disarmed, "DEACTIVATE", alarm=kind, memberID=member)
    alarms(disarmed, "GET")
    disarmed.call("Put", key=b"k", value=b"v")


def test_disarming_what_is_not_raised(both):
    alarms(both, "DEACTIVATE", alarm="NOSPACE", memberID="me")
    alarms(both, "DEACTIVATE", alarm="NONE", memberID="me")


def test_an_alarm_of_no_kind(disarmed):
    alarms(disarmed, "ACTIVATE", alarm="NONE", memberID="me")
    alarms(disarmed, "GET")


def test_an_unknown_action_is_an_error(both):
    expected = DIFFERENCES["alarm with an unknown action"]
    assert expected.reference is None
    got = answer(lambda: both.ours.client.call("Alarm", action=9))
    assert got.code == expected.ours
    both.put(b"still", b"there")


# Sort options

def test_an_unknown_sort_target_is_refused(both):
    expected = DIFFERENCES["range with an unknown sort target"]
    got = answer(lambda: both.ours.client.call("Range", key=b"a", sort_target=9))
    assert (got.code, got.details) == expected.ours
    got = answer(lambda: both.ours.client.call("Range", key=b"a", sort_target=9, sort_order=1))
    assert (got.code, got.details) == expected.ours
    got = answer(lambda: both.ours.client.call("Txn", success=[ops.get(b"a", sort_target=9)]))
    assert (got.code, got.details) == expected.ours


def test_an_unknown_sort_order_is_refused(both):
    expected = DIFFERENCES["range with an unknown sort order"]
    reference, ours = both.answers("Range", key=b"a", sort_order=9)
    assert reference.code == expected.reference
    assert (ours.code, ours.details) == expected.ours


# Snapshot

def take(side):
    parts = list(side.client.snapshot())
    return parts, b"".join(p.blob for p in parts)


def test_the_snapshot_stream(filled):
    for side in filled.sides:
        parts, blob = take(side)
        assert hashlib.sha256(blob[:-32]).digest() == blob[-32:], f"{side.label}: trailer"
        assert len(parts[-1].blob) == 32, f"{side.label}: the trailer comes alone and last"
        assert all(len(p.blob) <= 32 * 1024 for p in parts), f"{side.label}: pieces"
        assert (len(blob) - 32) % 512 == 0
        assert {p.version for p in parts} == {getattr(DIFFERENCES["snapshot version"], side.label)}, side.label
        left = [p.remaining_bytes for p in parts]
        assert left == sorted(left, reverse=True) and left[-1] == 0, f"{side.label}: remaining bytes {left}"
    heads = filled.each(lambda s: take(s)[0][0].HasField("header"))
    filled.same("header of the first piece", *heads)


def test_the_snapshot_opens_with_etcdutl(filled, tmp_path):
    seen = []
    for side in filled.sides:
        _, blob = take(side)
        file = tmp_path / f"{side.label}.db"
        file.write_bytes(blob)
        done = subprocess.run([paths.ETCDUTL, "snapshot", "status", file, "-w", "fields"], capture_output=True, text=True)
        assert done.returncode == 0, f"{side.label}: {done.stdout} {done.stderr}"
        fields = dict(line.split(" : ") for line in done.stdout.strip().splitlines() if " : " in line)
        assert int(fields['"Revision"']) == filled.revision
        seen.append(int(fields['"Keys"']) - getattr(DIFFERENCES["snapshot rows"], side.label))
    filled.same("keys by etcdutl snapshot status", *seen)


# Cluster

@pytest.mark.parametrize("linearizable", [False, True])
def test_member_list(both, linearizable):
    both.ok("MemberList", linearizable=linearizable)


@pytest.mark.parametrize("method, fields", [
    ("MemberAdd", {}), ("MemberAdd", {"isLearner": True}), ("MemberRemove", {}), ("MemberRemove", {"ID": 7}), ("MemberPromote", {}),
    ("MemberPromote", {"ID": 7}), ("MemberUpdate", {"ID": 7, "peerURLs": ["http://127.0.0.1:1"]}), ("MoveLeader", {}),
    ("MoveLeader", {"targetID": 7}), ("Downgrade", {}), ("Downgrade", {"version": "3.1.0"}),
], ids=str)
def test_changes_of_members_that_cannot_be(both, method, fields):
    """What can be is compared on clusters of three, in `test_cluster_members.py`."""
    both.call(method, **fields)
    both.ok("MemberList")


# Health

@pytest.mark.parametrize("service", ["", "etcdserverpb.KV", "nonsense"])
def test_health_check(both, service):
    both.call("Check", service=service)


@pytest.mark.parametrize("service", ["", "nonsense"])
def test_health_watch(both, service):
    from etcdtest.canonical import canonical
    from etcdtest.rpc import health

    def first(side):
        call = side.client.channel.unary_stream(
            "/grpc.health.v1.Health/Watch", request_serializer=health.HealthCheckRequest.SerializeToString,
            response_deserializer=health.HealthCheckResponse.FromString)(health.HealthCheckRequest(service=service), timeout=60)
        got = canonical(next(iter(call)), side.names)
        call.cancel()
        return got
    both.same(f"Health/Watch {service!r}", *both.each(first))
