"""Three members as real processes: what clients see while members are killed, stalled, cut off, added and removed.

`CLUSTER_OF=3.5.16` runs the same cases on the official etcd, which shows whether a case asks for more than etcd does.
"""

import os
import queue
import random
import time

import grpc
import pytest

from etcdtest.cluster import Watching, Writer, patiently
from etcdtest.pair import SEED, http
from etcdtest.rpc import kv, lease
from etcdtest.waiting import PATIENCE, until

KIND = os.environ.get("CLUSTER_OF", "ours")
THREE = (KIND, KIND, KIND)
# A snapshot after every 50 entries, and a log kept in memory that is too short for whoever missed more than that.
SHORT_LOG = ["--snapshot-count", "50", "--experimental-snapshot-catchup-entries", "20"]

pytestmark = pytest.mark.bounded(600)


@pytest.fixture
def three(clusters):
    return clusters(*THREE)


# Reading and writing anywhere

def test_what_is_put_at_any_member_is_read_at_every_other(three):
    for number, writer in enumerate(three.members):
        for round in range(5):
            key, value = b"k%d" % number, b"%d" % round
            revision = writer.put(key, value).header.revision
            for reader in three.members:
                answer = reader.call("Range", key=key)
                # Linearizable: at once, wherever it is asked.
                assert answer.kvs[0].value == value and answer.header.revision >= revision
                assert answer.header.member_id == reader.id
    assert three.same_hash() == 16
    assert len({member.call("Status").header.cluster_id for member in three.members}) == 1
    for member in three.members:
        assert http(member.endpoint + "/health")[0] == 200


def test_every_member_tells_the_same_leader_term_and_members(three):
    def agreed():
        told = [member.call("Status") for member in three.members]
        assert not any(status.isLearner for status in told)
        return len({(status.leader, status.raftTerm) for status in told}) == 1 and told[0].leader in {one.id for one in three.members}
    until(agreed, three.tails)
    for member in three.members:
        def listed():
            return {(one.ID, one.name, tuple(one.peerURLs), tuple(one.clientURLs)) for one in member.call("MemberList").members}
        # What a member says of itself reaches the others a little later.
        until(lambda: listed() == {(one.id, one.name, (one.peer_url,), (one.endpoint,)) for one in three.members},
              lambda: f"names and addresses of all at {member}: {listed()}")


def test_linearizable_reads_at_a_follower_are_never_behind(three):
    """One member writes; the others are asked at once and must already have it."""
    writer, *readers = three.members
    for number in range(100):
        writer.put(b"counter", b"%d" % number)
        assert readers[number % 2].get(b"counter") == b"%d" % number


# The leader is lost

def writes_resume(cluster) -> float:
    """Seconds from the leader's death to the first answer to a put that was sent after it, at any survivor.

    A put is sent to every survivor every 20 ms, because one that the dead leader was to have passed on is lost with it.
    """
    leader = cluster.leader()
    survivors = cluster.others(leader)
    for member in survivors:
        member.put(b"before", b"1")
    leader.kill()
    began, sent = time.monotonic(), []
    while time.monotonic() - began < PATIENCE:
        for member in survivors:
            sent.append(member.client.unary("Put").future(kv.PutRequest(key=b"after", value=b"1"), timeout=PATIENCE))
        time.sleep(0.02)
        if any(future.done() and future.exception() is None for future in sent):
            took = time.monotonic() - began
            break
    else:
        raise AssertionError(f"no writes after the leader's death:\n{cluster.tails()}")
    for future in sent:
        future.cancel()
    leader.start()
    cluster.leader()
    cluster.wait_health()
    return took


def test_writes_resume_within_two_election_timeouts_of_the_leaders_death(clusters):
    """With an election timeout so long that a slow machine is no part of it. A member's own timeout is drawn from one to two of
    them; a vote that is split, or a machine that stands still, makes a try last longer, so the better two of five count."""
    cluster = clusters(*THREE, heartbeat=200, election=2000)
    took = []
    while len(took) < 5 and sum(one < 2 * cluster.election_seconds for one in took) < 2:
        took.append(writes_resume(cluster))
    print(f"writes resumed after {', '.join(f'{one:.2f}' for one in took)} s of an election timeout of {cluster.election_seconds:.0f} s")
    assert sum(one < 2 * cluster.election_seconds for one in took) >= 2, took
    cluster.same_hash()


@pytest.mark.parametrize("by", ["log", "snapshot"])
def test_a_killed_leader_returns_and_catches_up(clusters, by):
    cluster = clusters(*THREE, flags=SHORT_LOG if by == "snapshot" else [])
    writer = Writer(cluster)
    writer.wait_for(20)
    dead = cluster.leader()
    dead.kill()
    cluster.leader()
    writer.wait_for(400)
    dead.start()
    writer.wait_for(20)
    writer.stop()
    cluster.same_hash()
    for member in cluster.members:
        writer.check(member)
    if by == "snapshot":
        assert dead.snapshots_received >= 1, dead.log_tail()
    # And once more from its own disk.
    dead.kill()
    dead.start()
    cluster.same_hash()
    writer.check(dead)


def test_members_killed_in_turn_under_load_lose_nothing(clusters):
    cluster = clusters(*THREE, flags=SHORT_LOG)
    draw = random.Random(f"{SEED}/turn")
    writers = [Writer(cluster, f"w{n}") for n in range(3)]
    for _ in range(6):
        victim = draw.choice(cluster.members)
        writers[0].wait_for(draw.choice([5, 30, 80]))
        victim.kill()
        writers[1].wait_for(draw.choice([5, 30, 80]))
        victim.start()
        cluster.leader()
    for writer in writers:
        writer.stop()
    cluster.same_hash()
    for writer in writers:
        writer.check(draw.choice(cluster.members))


def test_all_members_killed_at_once_come_back_with_everything(three):
    writer = Writer(three)
    writer.wait_for(100)
    for member in three.members:
        member.kill()
    writer.stop()
    for member in three.members:
        member.spawn()
    for member in three.members:
        member.wait_ready()
    three.leader()
    three.same_hash()
    for member in three.members:
        writer.check(member)


def test_two_of_three_lost_and_restarted(three):
    """etcd #12227: with one member left nothing is written; the data is there when the others are back."""
    kept, *lost = three.members
    kept.put(b"before", b"1")
    for member in lost:
        member.kill()
    refused = kept.answer("Put", key=b"alone", value=b"1", timeout=8)
    assert refused.code in ("UNAVAILABLE", "DEADLINE_EXCEEDED"), refused
    assert kept.get(b"before", serializable=True) == b"1"
    assert kept.answer("Range", key=b"before", timeout=8).code in ("UNAVAILABLE", "DEADLINE_EXCEEDED")
    for member in lost:
        member.spawn()
    for member in lost:
        member.wait_ready()
    three.leader()
    kept.put(b"after", b"1")
    for member in three.members:
        assert member.get(b"before") == b"1" and member.get(b"after") == b"1"
    three.same_hash()


# Stalls

def test_a_stalled_leader_is_replaced_and_steps_down(three):
    """etcd #20418: after its stall the former leader may neither write nor answer a stale linearizable read."""
    leader = three.leader()
    leader.put(b"k", b"old")
    term = leader.call("Status").raftTerm
    leader.pause()
    rest = three.others(leader)
    new = three.leader(among=rest, other_than=leader)
    new.put(b"k", b"new")
    leader.resume()
    assert leader.get(b"k") == b"new"
    assert leader.call("Status").raftTerm > term
    leader.put(b"k", b"newer")
    assert all(member.get(b"k") == b"newer" for member in three.members)
    three.same_hash()


def test_reads_asked_before_a_stall_are_not_answered_with_what_was_old(three):
    leader = three.leader()
    leader.put(b"k", b"old")
    leader.pause()
    asked = [leader.client.unary("Range").future(kv.RangeRequest(key=b"k"), timeout=PATIENCE) for _ in range(10)]
    new = three.leader(among=three.others(leader), other_than=leader)
    new.put(b"k", b"new")
    leader.resume()
    for future in asked:
        # Asked before the put, answered after it: either value was right at some time, but not after a newer one was told.
        try:
            assert future.result().kvs[0].value in (b"old", b"new")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
    assert leader.get(b"k") == b"new"


def test_a_stalled_follower_holds_nobody_up_and_catches_up(clusters):
    cluster = clusters(*THREE, flags=SHORT_LOG)
    stalled = cluster.followers()[0]
    rest = cluster.others(stalled)
    stalled.pause()
    for number in range(300):
        rest[number % 2].put(b"k%d" % number, b"v" * 1000)
    stalled.resume()
    assert stalled.call("Range", key=b"k", range_end=b"l", count_only=True).count == 300
    cluster.same_hash()


# Leases and watches

def test_a_lease_outlives_its_leader(three):
    """Time that has passed is not counted again against the new leader's clock: a lease never ends early."""
    began = time.monotonic()
    first = three.leader()
    first.call("LeaseGrant", TTL=5000, ID=1)
    first.call("LeaseGrant", TTL=4, ID=2)
    for number in (1, 2):
        first.put(b"k%d" % number, b"v", lease=number)
    first.kill()
    second = three.leader(other_than=first)
    for member in three.running():
        answer = member.call("LeaseTimeToLive", ID=1, keys=True)
        assert answer.grantedTTL == 5000 and 4500 < answer.TTL <= 5001 and list(answer.keys) == [b"k1"]
    until(lambda: second.get(b"k2") is None, "the end of the short lease")
    assert time.monotonic() - began >= 4, "it ended early"
    first.start()
    assert first.get(b"k2") is None and first.get(b"k1") == b"v"
    # Beats through a follower reach the leader.
    for member in three.members:
        stream = member.client.stream_stream(
            "/etcdserverpb.Lease/LeaseKeepAlive", lease.LeaseKeepAliveRequest, lease.LeaseKeepAliveResponse)
        asked = queue.Queue()
        call = stream(iter(asked.get, None), timeout=PATIENCE)
        asked.put(lease.LeaseKeepAliveRequest(ID=1))
        assert next(call).TTL == 5000
        asked.put(lease.LeaseKeepAliveRequest(ID=77))
        assert next(call).TTL == 0
        asked.put(None)
        assert member.answer("LeaseTimeToLive", ID=77).reply.TTL == -1
    three.members[0].call("LeaseRevoke", ID=1)
    assert all(member.get(b"k1") is None for member in three.members)
    three.same_hash()


def test_a_watch_goes_on_through_leader_changes_without_gap_or_repetition(three):
    first = three.leader()
    watched = three.others(first)[0]
    watching = Watching(watched)
    writer = Writer(three)
    writer.wait_for(50)
    first.kill()
    three.leader(other_than=first)
    writer.wait_for(50)
    first.start()
    three.leader()
    three.move_leader(watched)
    writer.wait_for(50)
    three.move_leader(three.others(watched)[0])
    writer.wait_for(50)
    writer.stop()
    last = watched.call("Range", key=b"\0", count_only=True).header.revision
    watching.wait(last)
    watching.close()
    assert watching.order == list(range(2, last + 1)), "a gap, a repetition or a wrong order"
    assert {key: revision for revision, events in watching.events.items() for _, key, *_ in events}.items() >= writer.acknowledged.items()


def test_a_watch_at_a_member_that_needs_a_snapshot_sees_every_event_once(clusters):
    """etcd #15271: what came by snapshot is told from the history in it."""
    cluster = clusters(*THREE, flags=SHORT_LOG)
    behind = cluster.followers()[0]
    watching = Watching(behind)
    rest = cluster.others(behind)
    rest[0].put(b"first", b"1")
    watching.wait(2)
    behind.pause()
    for number in range(300):
        last = rest[number % 2].put(b"k%d" % (number % 7), b"%d" % number).header.revision
    behind.resume()
    watching.wait(last)
    watching.close()
    assert watching.order == list(range(2, last + 1))
    cluster.same_hash()


# Transfer

def test_the_leadership_is_handed_over(three):
    for target in (*three.members, three.members[0]):
        three.move_leader(target)
        target.put(b"k", target.name.encode())
        assert all(member.get(b"k") == target.name.encode() for member in three.members)


def test_a_leader_that_is_told_to_stop_hands_over_first(clusters):
    """Nobody waits for an election timeout then, which is long here."""
    cluster = clusters(*THREE, heartbeat=1000, election=10_000)
    took = []
    while not took or min(took) > 0.8 * cluster.election_seconds:
        assert len(took) < 3, f"the others had to find out by themselves: {took}"
        leader = cluster.leader()
        leader.put(b"k", b"v")
        for member in cluster.others(leader):
            member.id
        began = time.monotonic()
        assert leader.stop() in (0, -15)
        cluster.leader(other_than=leader).put(b"k", b"w")
        took.append(time.monotonic() - began)
        leader.start()


# Members come and go

def test_a_removed_member_ends_with_status_zero_and_cannot_come_back(three):
    gone = three.followers()[0]
    rest = three.others(gone)
    rest[0].put(b"k", b"v")
    three.remove(gone)
    assert gone.wait_exit() == 0, gone.log_tail()
    rest[0].put(b"k", b"w")
    # With its data it finds out that it is no longer a member.
    gone.spawn()
    assert gone.wait_exit() is not None
    assert "removed" in gone.log(), gone.log_tail()
    # Without, nobody knows it.
    gone.forget()
    gone.state = "existing"
    gone.spawn()
    assert gone.wait_exit() not in (0, None) and gone.process.returncode > 0, gone.log_tail()
    three.same_hash()
    assert len(rest[0].call("MemberList").members) == 2


def test_the_leader_can_be_removed(three):
    leader = three.leader()
    rest = three.others(leader)
    leader.put(b"k", b"v")
    three.remove(leader)
    assert leader.wait_exit() == 0, leader.log_tail()
    three.leader(other_than=leader)
    rest[0].put(b"k", b"w")
    assert rest[1].get(b"k") == b"w"
    three.same_hash()


def test_a_lost_disk_with_state_new_is_refused(three):
    """Whoever lost its disk has lost its votes too: it must not take part under its old name as if it were new."""
    lost = three.followers()[0]
    rest = three.others(lost)
    for number in range(20):
        rest[0].put(b"k%d" % number, b"v")
    identity = lost.id
    lost.kill()
    lost.forget()
    lost.spawn()
    assert lost.wait_exit() > 0, lost.log_tail()
    said = lost.log().lower()
    if KIND == "ours":
        for word in ("member", "remove", "add", "existing"):
            assert word in said, f"it does not say how to replace the member: {lost.log_tail()}"
    else:
        assert "already been bootstrapped" in said, lost.log_tail()
    # What it says to do works.
    patiently(lambda: rest[0].call("MemberRemove", ID=identity))
    three.members.remove(lost)
    new = three.join(KIND)
    three.wait_health()
    assert new.get(b"k7") == b"v"
    three.same_hash()


def test_two_lost_disks_with_state_new_do_not_make_a_second_cluster(three):
    """etcd #12227: the two would be a majority that remembers nothing, and the third would lose what was acknowledged."""
    if KIND != "ours":
        pytest.skip("etcd lets them")
    kept, *lost = three.members
    for number in range(20):
        kept.put(b"k%d" % number, b"v")
    for number in range(5):
        kept.put(b"later", b"%d" % number)
    three.same_hash()
    for member in lost:
        member.kill()
        member.forget()
    for member in lost:
        member.spawn()
    for member in lost:
        assert member.wait_exit() > 0, member.log_tail()
    assert kept.running()
    assert kept.call("Range", key=b"k", range_end=b"l", count_only=True, serializable=True).count == 20
    # The way out that etcd has.
    kept.kill()
    kept.flags.append("--force-new-cluster")
    kept.start()
    kept.flags.remove("--force-new-cluster")
    assert kept.call("Range", key=b"k", range_end=b"l", count_only=True).count == 20


def test_force_new_cluster_keeps_the_data_and_forgets_the_others(three):
    kept, *lost = three.members
    for number in range(20):
        kept.put(b"k%d" % number, b"v")
    # What a member alone knows to be decided is what it was told of later.
    for number in range(5):
        kept.put(b"later", b"%d" % number)
    three.same_hash()
    for member in three.members:
        member.kill()
    for member in lost:
        three.members.remove(member)
    kept.flags.append("--force-new-cluster")
    kept.start()
    assert [member.ID for member in kept.call("MemberList").members] == [kept.id]
    assert kept.call("Range", key=b"k", range_end=b"l", count_only=True).count == 20
    kept.put(b"alone", b"1")
    kept.kill()
    kept.flags.remove("--force-new-cluster")
    kept.start()
    assert kept.get(b"alone") == b"1"
    joined = three.join(KIND)
    three.wait_health()
    assert joined.get(b"k7") == b"v" and joined.get(b"alone") == b"1"
    three.same_hash()


def test_a_learner_catches_up_by_snapshot_and_is_promoted(clusters):
    cluster = clusters(*THREE, flags=SHORT_LOG)
    for number in range(300):
        cluster.members[number % 3].put(b"k%03d" % number, b"v" * 100)
    learner = cluster.join(KIND, learner=True)
    until(lambda: learner.revision >= 301, lambda: f"the learner's data:\n{learner.log_tail()}")
    assert learner.call("Status").isLearner
    refused = learner.answer("Range", key=b"k000")
    assert (refused.code, refused.details) == ("FAILED_PRECONDITION" if KIND == "ours" else "UNAVAILABLE", "etcdserver: rpc not supported for learner")
    assert learner.get(b"k000", serializable=True) == b"v" * 100
    patiently(lambda: cluster.members[0].call("MemberPromote", ID=learner.id))
    until(lambda: not learner.call("Status").isLearner, "the learner's promotion")
    learner.put(b"k000", b"promoted")
    assert all(member.get(b"k000") == b"promoted" for member in cluster.members)
    cluster.same_hash()
    # It counts: with one of four dead there is a majority, and it may lead.
    cluster.members[0].kill()
    cluster.leader()
    cluster.move_leader(learner)
    learner.put(b"k001", b"led")
    cluster.members[0].start()
    cluster.same_hash()


def test_every_member_replaced_one_by_one_under_load(clusters):
    cluster = clusters(*THREE, flags=SHORT_LOG)
    writer = Writer(cluster, pause=0.01)
    for old in list(cluster.members):
        writer.wait_for(40)
        new = cluster.join(KIND)
        cluster.wait_health(among=[new])
        cluster.remove(old)
        assert old.wait_exit() == 0, old.log_tail()
        old.close()
    writer.wait_for(40)
    writer.stop()
    cluster.same_hash()
    for member in cluster.members:
        writer.check(member)
    assert len(cluster.members[0].call("MemberList").members) == 3
