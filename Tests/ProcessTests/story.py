"""The three stories of the README, told to a cluster of containers or of local processes through the make verbs' script: a
cluster comes up, a learner joins and is promoted, and all goes back to a snapshot; in between the leader is killed and a member
loses its disk."""

import json
import re

from etcdtest import paths
from etcdtest.waiting import until

ETCDCTL = paths.OURS.parent / "etcdctl"


class Cluster:
    """What the stories need of a cluster; `test_stories` and `test_docker` have one each."""

    def verb(self, name, code=0, **environment):
        """Runs a verb of the Makefile; the finished process."""
        raise NotImplementedError

    def etcdctl(self, endpoint: str, *arguments):
        """Runs etcdctl; the finished process."""
        raise NotImplementedError

    def endpoint(self, member: int) -> str:
        raise NotImplementedError

    def peer_url(self, member: int) -> str:
        raise NotImplementedError

    def lose_disk(self, member: int) -> None:
        """Ends a member, destroys what it has stored, and starts it again as it was started before."""
        raise NotImplementedError

    def log(self, member: int) -> str:
        raise NotImplementedError

    def ctl(self, member: int, *arguments) -> str:
        done = self.etcdctl(self.endpoint(member), *arguments)
        assert done.returncode == 0, done
        return done.stdout

    def everything(self, member: int) -> tuple[int, list]:
        """The revision and all keys with theirs, as the member has them."""
        answer = json.loads(self.ctl(member, "get", "", "--prefix", "--write-out=json"))
        return answer["header"]["revision"], answer["kvs"]


def tell(cluster: Cluster, directory) -> None:
    """The cluster is up."""
    a_write_through_one_member_is_read_through_another(cluster)
    a_learner_is_refused_promotion_while_behind_and_then_promoted(cluster)
    snapshot = directory / "backup.db"
    for number in range(20):
        cluster.ctl(number % 3, "put", f"before/{number}", f"value {number}")
    kept = cluster.everything(0)
    saved = cluster.verb("snapshot", FILE=str(snapshot))
    assert "snapshot save" in saved.stderr and snapshot.stat().st_size > 0
    cluster.ctl(1, "put", "story", "after the snapshot")
    cluster.ctl(1, "del", "before/7")
    the_leader_is_killed_and_no_acknowledged_write_is_lost(cluster)
    a_member_that_lost_its_disk_is_replaced(cluster)
    all_is_restored_at_the_snapshots_revision(cluster, snapshot, kept)


def a_write_through_one_member_is_read_through_another(cluster):
    cluster.ctl(0, "put", "story", "one")
    assert cluster.ctl(2, "get", "story", "--print-value-only") == "one\n"


def a_learner_is_refused_promotion_while_behind_and_then_promoted(cluster):
    def add():
        done = cluster.etcdctl(cluster.endpoint(0), "member", "add", "etcd3", "--learner", f"--peer-urls={cluster.peer_url(3)}")
        # Members take a change only after they have been connected for five seconds.
        assert done.returncode == 0 or "unhealthy cluster" in done.stderr, done
        return done if done.returncode == 0 else None

    learner = re.match(r"Member +([0-9a-f]+) added", until(add, "the learner is added").stdout).group(1)
    # It has not even started, so that it is as far behind as can be.
    def refused():
        done = cluster.etcdctl(cluster.endpoint(0), "member", "promote", learner)
        assert done.returncode == 1 and not done.stdout, done
        assert "etcdserver: can only promote a learner member which is in sync with leader" in done.stderr, done
        return True

    until(refused, "the learner is refused promotion")

    joined = cluster.verb("learner")
    assert re.search(r"etcd3 .*\| +true \|", joined.stdout), joined.stdout
    promoted = cluster.verb("promote")
    assert "+ etcdctl" in promoted.stderr and f"member promote {learner}" in promoted.stderr
    assert re.search(r"etcd3 .*\| +false \|", promoted.stdout), promoted.stdout
    # It may be the last to hear of it.
    until(lambda: cluster.ctl(3, "get", "story", "--print-value-only") == "one\n", "the promoted member answers")


def the_leader_is_killed_and_no_acknowledged_write_is_lost(cluster):
    chaos = cluster.verb("chaos")
    led, leads = re.search(r"(etcd\d) leads\. Writing", chaos.stdout), re.search(r"writes go on .* (etcd\d) leads now", chaos.stdout)
    assert led and leads and led.group(1) != leads.group(1), chaos.stdout
    counts = re.search(r"(\d+) of 60 writes were acknowledged, 0 of them lost", chaos.stdout)
    assert counts and int(counts.group(1)) >= 10, chaos.stdout


def a_member_that_lost_its_disk_is_replaced(cluster):
    cluster.ctl(2, "put", "story", "before the disk was lost")
    before = re.search(r"([0-9a-f]+), started, etcd1,", cluster.ctl(0, "member", "list")).group(1)
    cluster.lose_disk(1)
    # As it was founded it is refused, and its log says what to do.
    until(lambda: "etcdctl member remove" in cluster.log(1), lambda: f"the member says how to replace it: {cluster.log(1)[-2000:]}")
    replaced = cluster.verb("replace", MEMBER="etcd1")
    assert f"member remove {before}" in replaced.stderr and "member add etcd1" in replaced.stderr, replaced.stderr
    after = re.search(r"([0-9a-f]+), started, etcd1,", cluster.ctl(0, "member", "list")).group(1)
    assert after != before
    assert cluster.ctl(1, "get", "story", "--print-value-only") == "before the disk was lost\n"
    assert cluster.everything(1) == cluster.everything(0)
    # From now on it is started like the others.
    assert cluster.verb("up").stdout.count("| started |") == 4
    assert cluster.everything(1) == cluster.everything(0)


def all_is_restored_at_the_snapshots_revision(cluster, snapshot, kept):
    assert cluster.everything(0)[0] > kept[0]
    restored = cluster.verb("restore", FILE=str(snapshot))
    assert restored.stderr.count("+ etcdutl snapshot restore") == 3, restored.stderr
    for member in range(3):
        assert cluster.everything(member) == kept
    cluster.verb("down")
    # The data is still there, and so is the way on.
    cluster.verb("up")
    assert cluster.everything(1) == kept
    cluster.ctl(0, "put", "story", "goes on")
    assert cluster.everything(2)[0] == kept[0] + 1
