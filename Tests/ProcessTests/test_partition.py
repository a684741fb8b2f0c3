"""Members that cannot hear each other, in network namespaces: skipped, with the reason, where those can't be made."""

import os

import pytest

from etcdtest.cluster import Writer
from etcdtest.partition import Network, Unavailable
from etcdtest.waiting import until

KIND = os.environ.get("CLUSTER_OF", "ours")

pytestmark = pytest.mark.bounded(600)


@pytest.fixture
def parted(clusters):
    """A cluster of three and the network between its members."""
    try:
        network = Network(3)
    except Unavailable as reason:
        pytest.skip(f"no network namespaces here: {reason}")
    cluster = clusters(KIND, KIND, KIND, start=False)
    network.inhabit(cluster)
    cluster.start()
    yield cluster, network
    for member in cluster.members:
        member.close()
    network.close()


def refuses(member, method, **fields) -> None:
    got = member.answer(method, timeout=8, **fields)
    assert got.code in ("UNAVAILABLE", "DEADLINE_EXCEEDED"), got


def test_a_leader_cut_off_from_the_others_neither_writes_nor_reads(parted):
    cluster, network = parted
    leader = cluster.leader()
    rest = cluster.others(leader)
    leader.put(b"k", b"before")
    for member in rest:
        network.part(leader, member)
    new = cluster.leader(among=rest, other_than=leader)
    new.put(b"k", b"after")
    refuses(leader, "Range", key=b"k")
    refuses(leader, "Put", key=b"k", value=b"lost")
    until(lambda: leader.call("Status").leader == 0, "the cut off leader to know that it leads nobody")
    network.heal()
    until(lambda: leader.answer("Range", key=b"k", timeout=10).code == "OK", "the healed member")
    assert leader.get(b"k") == b"after"
    cluster.same_hash()


def test_a_follower_cut_off_comes_back_without_an_election(parted):
    """Pre-vote: it asks before it raises its term, and nobody hears it."""
    cluster, network = parted
    for number in range(4):
        leader = cluster.leader()
        term = leader.call("Status").raftTerm
        away, stays = cluster.followers()
        for member in (leader, stays):
            network.part(away, member)
        until(lambda: away.call("Status").leader == 0, "the follower to miss its leader")
        for _ in range(50):
            stays.put(b"k", b"%d" % number)
        network.heal()
        until(lambda: away.answer("Range", key=b"k", timeout=10).code == "OK", "the healed member")
        assert away.get(b"k") == b"%d" % number
        cluster.same_hash()
        if cluster.leader().call("Status").raftTerm == term:
            return
        # A machine that stands still makes elections of its own; they don't come every time.
    raise AssertionError("every return of the follower came with an election")


@pytest.mark.parametrize("ways", ["both ways", "from the leader", "to the leader"])
def test_one_follower_and_the_leader_cannot_hear_each_other(parted, ways):
    """The third hears both: writes go on, whoever leads, and nothing acknowledged is lost."""
    cluster, network = parted
    writer = Writer(cluster)
    writer.wait_for(20)
    leader = cluster.leader()
    follower = cluster.followers()[0]
    if ways != "to the leader":
        network.cut(leader, follower)
    if ways != "from the leader":
        network.cut(follower, leader)
    # A put at the one that is cut off takes the writer three seconds.
    writer.wait_for(6)
    network.heal()
    writer.wait_for(20)
    writer.stop()
    cluster.leader()
    cluster.same_hash()
    for member in cluster.members:
        writer.check(member)


def test_nobody_hears_anybody(parted):
    cluster, network = parted
    first, second, third = cluster.members
    first.put(b"k", b"before")
    for one, other in ((first, second), (first, third), (second, third)):
        network.part(one, other)
    for member in cluster.members:
        until(lambda: member.call("Status").leader == 0, f"{member} without a leader")
    refuses(second, "Put", key=b"k", value=b"no")
    assert [member.get(b"k", serializable=True) for member in cluster.members] == [b"before"] * 3
    network.heal()
    cluster.leader()
    cluster.wait_health()
    third.put(b"k", b"after")
    assert [member.get(b"k") for member in cluster.members] == [b"after"] * 3
    cluster.same_hash()
