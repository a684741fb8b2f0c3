"""The make verbs' stories as local processes: a cluster comes up, a learner joins and is promoted, the leader is killed, and
all is restored from a snapshot. The verbs' script is the one that users run."""

import os
import re
import subprocess

import pytest

from etcdtest import paths
from etcdtest.server import free_port

SCRIPT = paths.ROOT / ".ci/cluster.sh"


@pytest.fixture
def verb(tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
    environment |= {"ETCD_ENGINE": "local", "ETCD_RUN": str(tmp_path), "ETCD_DIST": str(paths.OURS.parent)}
    for member in range(4):
        environment[f"ETCD{member}_PORT"] = str(free_port())
        environment[f"ETCD{member}_PEER_PORT"] = str(free_port())

    def run(name, code=0, **more):
        done = subprocess.run(
            ["sh", str(SCRIPT), name], env=environment | more, capture_output=True, text=True, timeout=150, cwd=tmp_path)
        assert done.returncode == code, f"{name}: {done.stdout}\n{done.stderr}"
        return done

    run.endpoint = lambda member: f"http://127.0.0.1:{environment[f'ETCD{member}_PORT']}"
    try:
        yield run
    finally:
        run("down", VOLUMES="1")


def ctl(*arguments):
    done = subprocess.run([str(paths.OURS.parent / "etcdctl"), *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    return done.stdout


@pytest.mark.bounded(400)
def test_the_three_stories(verb, tmp_path):
    up = verb("up")
    assert "no Docker engine here" in up.stdout
    assert len(re.findall(r"\| started \|", up.stdout)) == 3, up.stdout
    # A write through one member is read through another.
    ctl("--endpoints", verb.endpoint(0), "put", "story", "one")
    assert ctl("--endpoints", verb.endpoint(2), "get", "story", "--print-value-only") == "one\n"

    learner = verb("learner")
    assert "+ etcdctl" in learner.stderr and "member add etcd3 --learner" in learner.stderr
    assert re.search(r"etcd3 .*\| +true \|", learner.stdout), learner.stdout
    promoted = verb("promote")
    assert "member promote" in promoted.stderr
    assert re.search(r"etcd3 .*\| +false \|", promoted.stdout), promoted.stdout

    snapshot = tmp_path / "backup.db"
    saved = verb("snapshot", FILE=str(snapshot))
    assert "snapshot save" in saved.stderr and snapshot.stat().st_size > 0
    ctl("--endpoints", verb.endpoint(1), "put", "story", "after the snapshot")

    chaos = verb("chaos")
    assert re.search(r"(\d+) of 60 writes were acknowledged, 0 of them lost", chaos.stdout), chaos.stdout

    restored = verb("restore", FILE=str(snapshot))
    assert "etcdutl snapshot restore" in restored.stderr
    for member in range(3):
        assert ctl("--endpoints", verb.endpoint(member), "get", "story", "--print-value-only") == "one\n"
    verb("down")
    # The data is still there.
    verb("up")
    assert ctl("--endpoints", verb.endpoint(1), "get", "story", "--print-value-only") == "one\n"


def test_verbs_say_what_is_missing(verb, tmp_path):
    assert "`make up` starts the cluster" in verb("status").stdout
    assert "start the cluster with `make up`" in verb("learner", code=1).stderr
    assert "make snapshot FILE=" in verb("snapshot", code=2).stderr + verb("restore", code=2).stderr
    assert "there is no file" in verb("restore", code=1, FILE=str(tmp_path / "nosuch.db")).stderr
