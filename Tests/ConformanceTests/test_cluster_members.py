"""Changes of the member list and what else only a cluster can answer: the same requests to three members of the official etcd
and to three of ours, with codes, texts and lists compared.

`CLUSTER_OF=3.5.16` puts the official etcd in the place of ours, which shows whether a case compares what is not determined.
"""

import json
import os

import pytest

from differences import DIFFERENCES
from etcdtest import ops
from etcdtest.clusterpair import ClusterPair, stream_answer
from etcdtest.pair import http
from etcdtest.rpc import health, lease, maintenance, watch
from etcdtest.waiting import until

KIND = os.environ.get("CLUSTER_OF", "ours")
URL = "http://127.0.0.1:{}"


@pytest.fixture
def both(clusters):
    return ClusterPair(clusters, ours=KIND)


def settled(both) -> None:
    """Both clusters have been whole for as long as a change of their members asks for."""
    both.fails("MemberAdd", "FAILED_PRECONDITION", "etcdserver: Peer URLs already exists", peerURLs=url_of("m1"))


def url_of(name):
    return lambda side: [side.member(name).peer_url]


def id_of(name):
    return lambda side: side.id(name)


def expected(name):
    """What is known to differ: (reference, ours)."""
    difference = DIFFERENCES[name]
    return difference.reference, difference.reference if KIND != "ours" else difference.ours


LEARNER_CODES = "a learner's refusals"


def test_the_list_at_every_member(both):
    for member in ("leader", "m1", "m2", "m3"):
        for linearizable in (True, False):
            both.ok("MemberList", at=member, linearizable=linearizable)


def test_a_life_of_members(both):
    """Added as a learner, refused, started, promoted, updated, removed; and all that may be asked wrongly at each step."""
    settled(both)
    first, second, third, fourth = (URL.format(port) for port in (1201, 1202, 1203, 1204))
    for urls in ([], ["bad"], [""], ["http://"], ["gopher://127.0.0.1:1"], ["127.0.0.1:2380"], ["http://127.0.0.1"],
                 ["http://127.0.0.1:2380/path"], [first, "bad"], ["http://[::1]:x"]):
        both.call("MemberAdd", peerURLs=urls)
        both.call("MemberAdd", peerURLs=urls, isLearner=True)
        if KIND == "ours":
            refused = both.ours.member("leader").answer("MemberUpdate", ID=both.ours.id("m1"), peerURLs=urls)
            assert (refused.code, refused.details) == DIFFERENCES["an update to bad peer URLs"].ours
    for at in ("leader", "follower"):
        both.call("MemberAdd", at=at, peerURLs=url_of("m2"))
        both.call("MemberAdd", at=at, peerURLs=url_of("m2"), isLearner=True)
        both.call("MemberAdd", at=at, peerURLs=lambda side: [first, side.member("m2").peer_url])
        for method in ("MemberRemove", "MemberPromote"):
            for unknown in (0, 1, 0x1234, 2**64 - 1):
                both.call(method, at=at, ID=unknown)
        both.call("MemberPromote", at=at, ID=id_of("m1"))
        both.call("MemberUpdate", at=at, ID=0x1234, peerURLs=[first])
        both.call("MemberUpdate", at=at, ID=id_of("m1"), peerURLs=url_of("m2"))
    # A learner that does not run.
    both.changed("MemberAdd", peerURLs=[first], isLearner=True)
    both.ok("MemberList", linearizable=True)
    both.call("MemberAdd", peerURLs=[second], isLearner=True)
    # Within the second of the addition both refuse it as the same member: the id is made of the address and the second.
    both.fails("MemberAdd", "FAILED_PRECONDITION", "etcdserver: Peer URLs already exists", peerURLs=[first])
    for at in ("leader", "follower"):
        both.call("MemberPromote", at=at, ID=id_of("m4"))
    both.call("MemberUpdate", ID=id_of("m4"), peerURLs=url_of("m1"))
    for side in both.sides:
        side.urls[second] = "m4, elsewhere"
    updated = both.answers("MemberUpdate", at="follower", ID=id_of("m4"), peerURLs=[second])
    both.same("MemberUpdate", *both.plain(updated, ignore=("isLearner",)))
    # The reference forgets with the address that it is a learner.
    assert tuple(is_learner(side, "m4") for side in both.sides) == expected("a learner's new address")
    both.call("MemberList", linearizable=True, ignore=("isLearner",))
    both.ok("MemberRemove", ID=id_of("m4"))
    both.ok("MemberList", linearizable=True)
    for at in ("leader", "follower"):
        for method in ("MemberRemove", "MemberPromote"):
            both.call(method, at=at, ID=id_of("m4"))
        both.call("MemberUpdate", at=at, ID=id_of("m4"), peerURLs=[third])
    # A voter that does not run: none may follow it. (The id is made of the address and the second, so an address of one that
    # was removed within this second would be refused.)
    both.changed("MemberAdd", peerURLs=[fourth])
    both.ok("MemberList", linearizable=True)
    both.fails("MemberAdd", "UNAVAILABLE", "etcdserver: unhealthy cluster", peerURLs=url_of("m1"))
    both.fails("MemberAdd", "UNAVAILABLE", "etcdserver: unhealthy cluster", peerURLs=[second])
    both.call("MemberAdd", peerURLs=[fourth])
    both.call("MemberPromote", ID=id_of("m5"))
    both.ok("MemberRemove", at="follower", ID=id_of("m5"))
    both.ok("MemberUpdate", ID=id_of("m2"), peerURLs=lambda side: [side.member("m2").peer_url, third])
    both.ok("MemberUpdate", ID=id_of("m2"), peerURLs=url_of("m2"))
    both.ok("MemberList", linearizable=True)
    same_hash(both)


def is_learner(side, name) -> bool:
    return next(one.isLearner for one in side.member("m1").call("MemberList", linearizable=True).members if one.ID == side.id(name))


def same_hash(both) -> None:
    both.same("revisions", *both.each(lambda side: side.cluster.same_hash()))
    both.same("hashes", *both.each(lambda side: side.member("leader").call("HashKV").hash))


def test_a_learner_catches_up_and_is_promoted(both):
    for number in range(30):
        both.ok("Put", at=f"m{number % 3 + 1}", key=b"k%d" % number, value=b"v")
    both.each(lambda side: side.cluster.join(side.member("m1").kind, learner=True, wait=False))
    for side in both.sides:
        learner = side.member("m4")
        learner.wait_ready()
        until(lambda: learner.revision == 31, lambda: f"the learner's data at the {side.label}:\n{learner.log_tail()}")
    both.ok("MemberList", linearizable=True)
    refusals_of_a_learner(both)
    both.call("MoveLeader", targetID=id_of("m4"))
    settled(both)
    both.call("MemberAdd", peerURLs=[URL.format(1204)], isLearner=True)
    both.changed("MemberPromote", at="follower", ID=id_of("m4"))
    both.ok("MemberList", linearizable=True)
    both.call("MemberPromote", ID=id_of("m4"))
    for side in both.sides:
        until(lambda: not side.member("m4").call("Status").isLearner, "the learner to know of its promotion")
    both.ok("Put", at="m4", key=b"k", value=b"v", prev_kv=True)
    both.ok("MoveLeader", targetID=id_of("m4"))
    both.ok("Range", at="m1", key=b"k")
    same_hash(both)
    settled(both)
    both.changed("MemberRemove", at="m1", ID=id_of("m4"))
    for side in both.sides:
        gone = side.member("m4")
        assert gone.wait_exit() == 0, f"{side.label}: {gone.log_tail()}"
        side.cluster.members.remove(gone)
        side.urls[gone.peer_url] = "m4"
    both.ok("MemberList", linearizable=True)
    for method in ("MemberRemove", "MemberPromote"):
        both.call(method, ID=id_of("m4"))
    same_hash(both)


def refusals_of_a_learner(both) -> None:
    """What a learner answers, for it takes part in nothing: the calls that need the cluster are refused."""
    codes = expected(LEARNER_CODES)
    refused = "etcdserver: rpc not supported for learner"
    for method, fields in (
        ("Range", {"key": b"k1"}), ("Put", {"key": b"k1"}), ("DeleteRange", {"key": b"k1"}), ("Compact", {"revision": 5}),
        ("Txn", {"success": [ops.put(b"k1")]}), ("Txn", {"success": [ops.get(b"k1")]}), ("LeaseGrant", {"TTL": 100, "ID": 4}),
        ("LeaseRevoke", {"ID": 4}), ("LeaseTimeToLive", {"ID": 4}), ("LeaseLeases", {}), ("MemberList", {"linearizable": True}),
        ("MemberList", {"linearizable": False}), ("MemberAdd", {"peerURLs": [URL.format(1205)]}), ("MemberRemove", {"ID": 5}),
        ("MemberUpdate", {"ID": 5, "peerURLs": [URL.format(1205)]}), ("MemberPromote", {"ID": 5}), ("Alarm", {}), ("Hash", {}),
        ("HashKV", {}), ("Txn", {"success": [ops.get(b"k1", serializable=True)]}), ("MoveLeader", {"targetID": 5}), ("Downgrade", {"version": "3.4.0"}),
        ("Check", {"service": ""}),
    ):
        answers = both.answers(method, at="m4", **fields)
        if {a.details for a in answers} == {refused}:
            both.same(f"{method} at a learner", tuple(a.code for a in answers), codes)
        else:
            both.same(f"{method} at a learner", answers[0].code, answers[1].code)
            both.same(f"{method} at a learner", *[side.text(a.details) for side, a in zip(both.sides, answers)])
    both.call("Range", at="m4", key=b"k", range_end=b"l", serializable=True)
    both.call("Status", at="m4", ignore=IGNORED_IN_STATUS)

    def streams(path, request, response, *messages):
        answers = []
        for side in both.sides:
            call = side.member("m4").client.stream_stream(path, request, response)
            answers.append(stream_answer(lambda: call(iter(messages), timeout=60)))
        return answers
    answers = streams(
        "/etcdserverpb.Lease/LeaseKeepAlive", lease.LeaseKeepAliveRequest, lease.LeaseKeepAliveResponse, lease.LeaseKeepAliveRequest(ID=4))
    both.same("LeaseKeepAlive at a learner", answers[0].code == "OK", answers[1].code == "OK")
    if answers[0].details == refused:
        both.same("LeaseKeepAlive at a learner", tuple(a.code for a in answers), codes)
    answers = streams(
        "/etcdserverpb.Watch/Watch", watch.WatchRequest, watch.WatchResponse,
        watch.WatchRequest(create_request=watch.WatchCreateRequest(key=b"k")))
    both.same("Watch at a learner", answers[0].details, answers[1].details)
    answers = both.each(lambda side: stream_answer(side.member("m4").client.snapshot))
    both.same("Snapshot at a learner", answers[0].details, answers[1].details)


IGNORED_IN_STATUS = ("storageVersion", "dbSizeQuota", "downgradeInfo")


def test_with_one_member_dead_the_list_is_protected(both):
    settled(both)
    for side in both.sides:
        # The one that dies is no leader: the leader's own view decides.
        side.cluster.move_leader(side.member("m1"))
        side.member("m3").kill()
    # First an address that is taken: a member that has not noticed the death yet would take another one.
    both.fails("MemberAdd", "UNAVAILABLE", "etcdserver: unhealthy cluster", at="m1", peerURLs=url_of("m1"))
    both.fails("MemberAdd", "UNAVAILABLE", "etcdserver: unhealthy cluster", at="m1", peerURLs=[URL.format(1206)])
    both.fails("MemberAdd", "UNAVAILABLE", "etcdserver: unhealthy cluster", at="m1", peerURLs=[URL.format(1206)], isLearner=True)
    both.fails("MemberRemove", "UNAVAILABLE", "etcdserver: unhealthy cluster", at="m1", ID=id_of("m2"))
    both.ok("MemberList", at="m1", linearizable=True)
    both.ok("Put", at="m2", key=b"k")
    # The dead one may go.
    both.changed("MemberRemove", at="m1", ID=id_of("m3"))
    both.ok("MemberList", at="m2", linearizable=True)


def test_without_strict_checks(clusters):
    both = ClusterPair(clusters, ours=KIND, flags=["--strict-reconfig-check=false"])
    both.changed("MemberAdd", peerURLs=[URL.format(1207)])
    both.ok("MemberAdd", peerURLs=[URL.format(1208)])
    both.call("MemberAdd", peerURLs=[URL.format(1208)])
    both.ok("MemberList", linearizable=True)
    both.ok("MemberRemove", ID=lambda side: [m.ID for m in side.member("m1").call("MemberList").members if m.peerURLs == [URL.format(1208)]][0])
    both.ok("MemberRemove", ID=id_of("m4"))
    both.ok("MemberList", linearizable=True)


def test_a_member_alone_takes_one_more_and_no_second(clusters):
    both = ClusterPair(clusters, ours=KIND, size=1)
    first, second = (URL.format(port) for port in (1210, 1211))
    both.changed("MemberAdd", at="m1", peerURLs=[first])
    for learner in (False, True):
        both.call("MemberAdd", at="m1", peerURLs=[second], isLearner=learner)
    both.call("MemberRemove", at="m1", ID=id_of("m1"))
    both.ok("MemberList", at="m1", linearizable=False)


def test_moving_the_leader(both):
    for at in ("m1", "m2", "m3", "m1"):
        both.call("MoveLeader", at="follower", targetID=id_of("m1"))
        for wrong in (0, 1, 0x1234):
            both.call("MoveLeader", targetID=wrong)
            both.call("MoveLeader", at="follower", targetID=wrong)
        both.ok("MoveLeader", targetID=id_of(at))
        for side in both.sides:
            until(lambda: side.cluster.leader() is side.member(at), f"{at} leads at the {side.label}")
        # To itself: nothing to do.
        both.ok("MoveLeader", targetID=id_of(at))
        both.ok("Put", at="follower", key=b"k", value=at.encode(), prev_kv=True)
    settled(both)
    both.changed("MemberAdd", peerURLs=[URL.format(1209)], isLearner=True)
    both.call("MoveLeader", targetID=id_of("m4"))


def test_status_health_and_hashes_at_every_member(both):
    both.ok("LeaseGrant", at="m2", TTL=5000, ID=7)
    for number in range(30):
        both.ok("Put", at=f"m{number % 3 + 1}", key=b"k%d" % (number % 11), value=b"%d" % number, lease=7 if number % 4 == 0 else 0, prev_kv=True)
    both.ok("DeleteRange", at="m2", key=b"k1", range_end=b"k2", prev_kv=True)
    both.ok("Compact", at="m3", revision=12, physical=True)
    for side in both.sides:
        side.cluster.same_hash()
    both.each(lambda side: side.cluster.move_leader(side.member("m1")))
    for at in ("m1", "m2", "m3"):
        both.ok("Status", at=at, ignore=IGNORED_IN_STATUS)
        for service in ("", "etcdserverpb.KV", "nonsense"):
            both.call("Check", at=at, service=service)
        for revision in (0, 11, 12, 13, 20, 32, 33, 99):
            both.call("HashKV", at=at, revision=revision, ignore=("hash_revision",))
        for path in ("/health", "/health?serializable=true"):
            both.same(path, *both.each(lambda side: http(side.member(at).endpoint + path)[::2]))
        both.ok("LeaseTimeToLive", at=at, ID=7, keys=False, **{"ignore": ("TTL",)})
        both.ok("LeaseLeases", at=at)
        both.ok("Alarm", at=at)
    both.same("members as peers see them", *both.each(lambda side: members_of_peer(side, "m2")))
    both.same("status of /members with another method", *both.each(
        lambda side: [http(side.member("m1").peer_url + path, method="POST")[0] for path in ("/members", "/version", "/raft/probing")]))


def members_of_peer(side, at) -> list:
    status, headers, body = http(side.member(at).peer_url + "/members")
    assert status == 200 and headers["Content-Type"] == "application/json", headers
    assert {name.lower(): value for name, value in headers.items()}["x-etcd-cluster-id"] == f"{side.member(at).call('Status').header.cluster_id:x}"
    found = json.loads(body)
    assert [one["id"] for one in found] == sorted(one["id"] for one in found)
    return sorted(side.text(json.dumps({**one, "id": str(one["id"])}, sort_keys=True)) for one in found)


def test_without_a_majority(both):
    both.ok("Put", key=b"k", value=b"v")
    for side in both.sides:
        side.cluster.same_hash()
        for name in ("m2", "m3"):
            side.member(name).kill()

    def status(side):
        told = side.member("m1").call("Status")
        return told.leader == 0 and list(told.errors)
    both.same("errors of Status", *[until(lambda: status(side), f"the loss of the leader at the {side.label}") for side in both.sides])
    both.same("/health", *both.each(lambda side: http(side.member("m1").endpoint + "/health")[::2]))
    both.same("/health?serializable=true", *both.each(lambda side: http(side.member("m1").endpoint + "/health?serializable=true")[::2]))
    both.ok("Range", at="m1", key=b"k", serializable=True)
    both.ok("MemberList", at="m1", linearizable=False)
    both.call("MoveLeader", at="m1", targetID=id_of("m2"))
    needs_leader = (("hasleader", "true"),)
    both.same("a write that asks for a leader", *both.each(lambda side: told(side, "Put", needs_leader, key=b"k")))
    both.same("a read that asks for a leader", *both.each(lambda side: told(side, "Range", needs_leader, key=b"k", serializable=True)))
    both.same("a watch that asks for a leader", *both.each(lambda side: watch_told(side, needs_leader)))


def told(side, method, metadata, **fields):
    from etcdtest.pair import answer
    got = answer(lambda: side.member("m1").client.call(method, metadata=metadata, **fields))
    return got.code, got.details


def watch_told(side, metadata):
    call = side.member("m1").client.stream_stream("/etcdserverpb.Watch/Watch", watch.WatchRequest, watch.WatchResponse)
    got = stream_answer(lambda: call(iter([watch.WatchRequest(create_request=watch.WatchCreateRequest(key=b"k"))]), timeout=60, metadata=metadata))
    return got.code, got.details


# Downgrades

ACTION = maintenance.DowngradeRequest.DowngradeAction


def versions(both) -> list[str]:
    """The cluster versions, as soon as they are decided."""
    def decided(side):
        version = json.loads(http(side.member("m1").endpoint + "/version")[2])["etcdcluster"]
        return version if version != "not_decided" and version != "3.0.0" else None
    return [until(lambda: decided(side), "a cluster version") for side in both.sides]


def one_minor(version: str, down: int) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) - down}.0"


def test_downgrades(both):
    now = versions(both)
    at = dict(zip(("reference", "ours"), now))
    known = {}
    for side, version in zip(both.sides, now):
        known[side.label] = [(one_minor(version, down), f"<minor {down} below>") for down in (-1, 0, 1, 2, 3)]

    def ask(action, down=None, text=None, member="leader"):
        answers = both.answers("Downgrade", at=member, action=action,
                               version=(lambda side: one_minor(at[side.label], down)) if text is None else text)
        said = []
        for side, got in zip(both.sides, answers):
            words = side.text(got.details) if got.code != "OK" else got.reply.version
            for version, name in known[side.label]:
                words = words.replace(version, name)
            said.append((got.code, words))
        both.same(f"Downgrade {action} {down if text is None else text!r}", *said)
        return said[0]
    for action in ("VALIDATE", "ENABLE"):
        for text in ("", "x", "3", "3.5.0.1", "v3.4.0", "3.4.x"):
            ask(action, text=text)
        for down in (-1, 0, 2, 3):
            ask(action, down)
    ask("CANCEL", 1)
    assert ask("VALIDATE", 1)[0] == "OK"
    assert ask("VALIDATE", 1, member="follower")[0] == "OK"
    def carried_out(action):
        answers = both.answers("Downgrade", action=action, version=lambda side: one_minor(at[side.label], 1))
        theirs, ours = expected("a downgrade enabled")
        assert (answers[0].code, answers[0].details) == theirs
        assert ours in (answers[1].code, (answers[1].code, answers[1].details)), answers[1]
        enabled = [until(lambda: http(side.member("m2").peer_url + "/downgrade/enabled")[::2] == (200, json.dumps(action == "ENABLE")),
                         f"the downgrade at every member of the {side.label}") for side in both.sides]
        assert enabled == [True, True]
    carried_out("ENABLE")
    for action in ("VALIDATE", "ENABLE"):
        ask(action, 1)
        ask(action, 2)
    carried_out("CANCEL")
    ask("CANCEL", 1)


def test_an_unknown_downgrade_action(both):
    both.call("Downgrade", action=9, version="3.4.0")
