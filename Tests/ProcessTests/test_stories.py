"""The stories as local processes, which is what the make verbs do where there is no Docker engine. The script is the one that
users run."""

import os
import pathlib
import signal
import subprocess

import pytest

import story
from etcdtest import paths
from etcdtest.server import free_port
from etcdtest.waiting import until

SCRIPT = paths.ROOT / ".ci/cluster.sh"


class LocalCluster(story.Cluster):
    def __init__(self, directory):
        self.directory = directory
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
        self.environment |= {"ETCD_ENGINE": "local", "ETCD_RUN": str(directory), "ETCD_DIST": str(paths.OURS.parent)}
        for member in range(4):
            self.environment[f"ETCD{member}_PORT"] = str(free_port())
            self.environment[f"ETCD{member}_PEER_PORT"] = str(free_port())

    def verb(self, name, code=0, **environment):
        done = subprocess.run(
            ["sh", str(SCRIPT), name], env=self.environment | environment, capture_output=True, text=True, timeout=400,
            cwd=self.directory)
        assert done.returncode == code, f"{name}: {done.stdout}\n{done.stderr}"
        return done

    def etcdctl(self, endpoint, *arguments):
        return subprocess.run([str(story.ETCDCTL), "--endpoints", endpoint, *arguments], capture_output=True, text=True, timeout=60)

    def endpoint(self, member):
        return f"http://127.0.0.1:{self.environment[f'ETCD{member}_PORT']}"

    def peer_url(self, member):
        return f"http://127.0.0.1:{self.environment[f'ETCD{member}_PEER_PORT']}"

    def folder(self, member) -> pathlib.Path:
        return self.directory / f"cluster/etcd{member}"

    def lose_disk(self, member):
        process = int((self.folder(member) / "pid").read_text())
        os.kill(process, signal.SIGKILL)
        until(lambda: not os.path.exists(f"/proc/{process}/exe"), "the member has ended")
        subprocess.run(["rm", "-r", str(self.folder(member) / "data")], check=True)
        # It ends at once, sooner or later than the script looks.
        subprocess.run(["sh", str(SCRIPT), "up"], env=self.environment, capture_output=True, timeout=400, cwd=self.directory)

    def log(self, member):
        return (self.folder(member) / "log").read_text()


@pytest.fixture
def cluster(tmp_path):
    cluster = LocalCluster(tmp_path)
    try:
        yield cluster
    finally:
        cluster.verb("down", VOLUMES="1")


@pytest.mark.bounded(1000)
def test_the_three_stories(cluster, tmp_path):
    up = cluster.verb("up")
    assert "no Docker engine here" in up.stdout
    assert up.stdout.count("| started |") == 3, up.stdout
    story.tell(cluster, tmp_path)


@pytest.mark.bounded(1000)
def test_verbs_in_any_order_say_what_is_missing(cluster, tmp_path):
    verb = cluster.verb
    assert "`make up` starts the cluster" in verb("status").stdout
    for name in ("learner", "promote", "chaos"):
        assert "start the cluster with `make up`" in verb(name, code=1).stderr
    assert "start the cluster with `make up`" in verb("replace", code=1, MEMBER="etcd1").stderr
    assert "start the cluster with `make up`" in verb("snapshot", code=1, FILE="backup.db").stderr
    for name in ("snapshot", "restore"):
        assert f"make {name} FILE=backup.db" in verb(name, code=1).stderr
    assert "make replace MEMBER=etcd1" in verb("replace", code=1).stderr + verb("replace", code=1, MEMBER="etcd9").stderr
    assert "there is no file" in verb("restore", code=1, FILE=str(tmp_path / "nosuch.db")).stderr
    verb("logs")
    verb("down")

    verb("up")
    again = verb("up")
    assert again.stdout.count("| started |") == 3 and "etcd --name" not in again.stderr, again
    assert "there is no learner etcd3" in verb("promote", code=1).stderr
    # A file that is no snapshot is found out before a member is stopped.
    wrong = tmp_path / "wrong.db"
    wrong.write_text("no snapshot")
    refused = verb("restore", code=1, FILE=str(wrong))
    assert "Error: " in refused.stderr and "kill" not in refused.stderr, refused.stderr
    # With a member down, its loss is said, and what would cost the quorum is refused.
    process = int((cluster.folder(2) / "pid").read_text())
    os.kill(process, signal.SIGKILL)
    until(lambda: not os.path.exists(f"/proc/{process}/exe"), "the member has ended")
    assert "etcd2 is not running; `make up` starts it" in verb("status").stdout

    assert "2 of 3 voting members run" in verb("chaos", code=1).stderr
    assert verb("up").stdout.count("127.0.0.1") >= 6
