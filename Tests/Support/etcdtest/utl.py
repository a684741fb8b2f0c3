"""Runs etcdutl, ours and the official one, and makes snapshots for it."""

import subprocess

import pytest

from . import paths
from .rpc import Client
from .waiting import PATIENCE


def run(program, *arguments, code=0, **options):
    done = subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, **options)
    assert done.returncode == code, done
    return done


def utl(*arguments, code=0, **options):
    return run(paths.OUR_UTL, *arguments, code=code, **options)


def fill(client):
    """Versions of keys, a deletion, a lease, a compaction."""
    lease = client.call("LeaseGrant", TTL=3000, ID=7).ID
    for number in range(200):
        client.call("Put", key=b"k%d" % (number % 60), value=b"v%d" % number * 20, lease=lease if number % 7 == 0 else 0)
    client.call("DeleteRange", key=b"k3", range_end=b"k4")
    client.call("Compact", revision=100, physical=True)
    for number in range(50):
        client.call("Put", key=b"late%d" % number, value=b"x" * 300)


def hash_of(client, revision=0):
    answer = client.call("HashKV", revision=revision)
    return answer.hash, answer.compact_revision


def save(server, path, etcdctl=paths.ETCDCTLS["3.5.16"]):
    run(etcdctl, "--endpoints", server.address, "snapshot", "save", path)
    return path


def restore(program, snapshot, server, *more, code=0):
    """Into the data directory of a server that has none yet."""
    return run(
        program, "snapshot", "restore", snapshot, "--data-dir", server.data, "--name", "default", "--initial-cluster",
        f"default={server.peer_url}", "--initial-advertise-peer-urls", server.peer_url, *more, code=code)


@pytest.fixture
def snapshot(tmp_path, stopped):
    """A file that `snapshot save` made of our member, and what the member had."""
    stopped.start()
    client = Client(stopped.address)
    fill(client)
    revision = client.call("Range", key=b"k").header.revision
    path = save(stopped, tmp_path / "snapshot.db")
    figures = {"path": path, "revision": revision, "hash": hash_of(client), "rows": client.call("Range", key=b"\0", range_end=b"\0").kvs}
    client.close()
    stopped.stop()
    return figures
