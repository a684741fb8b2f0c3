"""Starts of members of a cluster: from Go members' directories, and after an end in the middle of a leader's snapshot; and what
streams hear that want no answer without a leader."""

import queue

import grpc
import pytest

from etcdtest import paths
from etcdtest.rpc import watch
from etcdtest.waiting import PATIENCE, until

SHORT_LOG = ["--snapshot-count", "50", "--experimental-snapshot-catchup-entries", "20"]

pytestmark = pytest.mark.bounded(600)


def test_a_cluster_of_go_members_is_taken_over(clusters):
    """Their logs, `.snap` files and databases, with leases and more entries than since the last snapshot."""
    cluster = clusters("3.5.16", "3.5.16", "3.5.16", flags=SHORT_LOG)
    for number in range(170):
        cluster.members[number % 3].put(b"k%d" % (number % 23), b"%d" % number)
    granted = cluster.members[0].call("LeaseGrant", TTL=3600).ID
    cluster.members[1].put(b"leased", b"1", lease=granted)
    revision = cluster.same_hash()
    ids = [member.id for member in cluster.members]
    cluster.stop()
    for member in cluster.members:
        member.binary, member.kind, member.label = paths.OURS, "ours", f"{member.name} (ours)"
        member._id = None
        member.spawn()
    for member in cluster.members:
        member.wait_ready()
    cluster.leader()
    assert [member.id for member in cluster.members] == ids
    assert cluster.same_hash() == revision
    for member in cluster.members:
        assert member.get(b"leased") == b"1"
        assert list(member.call("LeaseTimeToLive", ID=granted, keys=True).keys) == [b"leased"]
    for number in range(70):
        cluster.members[number % 3].put(b"k%d" % (number % 23), b"x")
    assert cluster.same_hash() == revision + 70


@pytest.mark.parametrize("mark", ["receiving database snapshot", "saved the leader's snapshot", "installing the leader's database"])
def test_a_member_that_is_killed_while_it_takes_a_snapshot_over_goes_on_from_there(clusters, mark):
    """Wherever the kill really falls: the old database, the received file and the log fit together afterwards."""
    cluster = clusters("ours", "ours", "ours", flags=SHORT_LOG)
    behind = cluster.followers()[0]
    behind.kill()
    rest = cluster.others(behind)
    for number in range(300):
        rest[number % 2].put(b"k%d" % (number % 50), b"%d" % number * 5000)
    behind.spawn()
    until(lambda: mark in behind.log(), lambda: f"'{mark}' in the log of {behind}:\n{behind.log_tail()}", pause=0.001)
    behind.kill()
    behind.start()
    cluster.same_hash()
    # And with what came after it.
    rest[0].put(b"later", b"1")
    behind.kill()
    behind.start()
    assert behind.get(b"later") == b"1"
    cluster.same_hash()


def test_a_stream_that_needs_a_leader_ends_without_one(clusters):
    """`hasleader: true`, as clients ask that would rather try another member (clientv3's WithRequireLeader)."""
    cluster = clusters("ours", "ours", "ours")
    kept, *lost = cluster.members
    kept.put(b"k", b"v")

    def opened(metadata):
        requests = queue.Queue()
        requests.put(watch.WatchRequest(create_request=watch.WatchCreateRequest(key=b"k")))
        stream = kept.client.stream_stream("/etcdserverpb.Watch/Watch", watch.WatchRequest, watch.WatchResponse)
        call = stream(iter(requests.get, None), metadata=metadata)
        assert next(call).created
        return call, requests

    needy, needy_requests = opened([("hasleader", "true")])
    patient, patient_requests = opened(None)
    for member in lost:
        member.kill()
    with pytest.raises(grpc.RpcError) as ended:
        next(needy)
    assert (ended.value.code(), ended.value.details()) == (grpc.StatusCode.UNAVAILABLE, "etcdserver: no leader")
    assert patient.is_active()
    with pytest.raises(grpc.RpcError) as refused:
        kept.call("Range", key=b"k", serializable=True, metadata=[("hasleader", "true")])
    assert refused.value.details() == "etcdserver: no leader"
    assert kept.get(b"k", serializable=True) == b"v"
    for member in lost:
        member.spawn()
    for member in lost:
        member.wait_ready()
    cluster.leader()
    cluster.members[1].put(b"k", b"w")
    assert next(patient).events[0].kv.value == b"w"
    for requests in (needy_requests, patient_requests):
        requests.put(None)
    patient.cancel()
