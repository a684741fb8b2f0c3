"""Directories that another etcd, another cluster or a damaged disk has left, and mounts that can't be written: served with
everything that was in them, or refused with a message that names them, an exit status other than 0, and nothing changed.
`test_bad_disk.py` has torn and flipped bytes, and the disk that fills up."""

import hashlib
import os
import pathlib
import subprocess

import pytest

from etcdtest import paths
from etcdtest.rpc import Client
from etcdtest.server import Server


def digest(folder: pathlib.Path) -> dict:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "lmdb-lock"}


def refuses(server: Server, *words, deadline=30) -> str:
    """The start fails with a status other than 0 (and no crash), saying all of `words`. Returns the log."""
    server.spawn()
    try:
        status = server.wait_exit(deadline)
    except subprocess.TimeoutExpired:
        server.kill()
        pytest.fail(f"it runs on:\n{server.log_tail()}")
    log = server.log()
    assert status not in (0, None), log
    assert status > 0 and status < 128, f"ended by signal or trap, status {status}:\n{log}"
    for word in words:
        assert word.lower() in log.lower(), f"{word!r} is not in:\n{log}"
    assert "ready to serve" not in log
    return log


@pytest.fixture
def filled(stopped):
    """A stopped member (killed, so that no goodbye is in its log) with 300 acknowledged puts."""
    server = stopped.start()
    client = Client(server.address)
    for n in range(300):
        client.call("Put", key=b"k%03d" % n, value=b"value %d " % n * 5)
    client.close()
    server.kill()
    return server


def wal_file(server) -> pathlib.Path:
    return sorted((server.data / "member/wal").glob("*.wal"))[-1]


@pytest.mark.parametrize("damage", ["empty", "garbage", "missing"])
def test_a_damaged_segment_is_refused_or_explained(filled, damage):
    file = wal_file(filled)
    if damage == "empty":
        file.write_bytes(b"")
    elif damage == "garbage":
        file.write_bytes(os.urandom(100_000))
    else:
        file.unlink()
    before = digest(filled.data)
    refuses(filled, "wal")
    assert digest(filled.data) == before


def test_a_directory_of_the_official_etcd_is_taken_over(stopped):
    """Same addresses, so the same member; its database is read once and left as it is."""
    with Server(paths.REFERENCE, label="reference", directory=stopped.directory) as reference:
        reference.client_port, reference.peer_port = stopped.client_port, stopped.peer_port
        reference.start()
        client = Client(reference.address)
        client.call("LeaseGrant", TTL=500, ID=3)
        for n in range(300):
            client.call("Put", key=b"k%03d" % (n % 250), value=b"%d" % n, lease=3 if n % 50 == 0 else 0)
        client.call("DeleteRange", key=b"k100", range_end=b"k110")
        client.call("Compact", revision=100, physical=True)
        before = client.call("Range", key=b"\0", range_end=b"\0")
        hash_before = client.call("HashKV", revision=before.header.revision).hash
        client.close()
        reference.stop()
    database = stopped.data / "member/snap/db"
    digest_before = hashlib.sha256(database.read_bytes()).hexdigest()
    for _ in range(2):
        stopped.start()
        client = Client(stopped.address)
        after = client.call("Range", key=b"\0", range_end=b"\0")
        assert after.kvs == before.kvs
        assert after.header.revision == before.header.revision
        assert after.header.member_id == before.header.member_id
        assert client.call("HashKV", revision=before.header.revision).hash == hash_before
        assert len(client.call("LeaseTimeToLive", ID=3, keys=True).keys) == 4
        client.close()
        stopped.stop()
    assert hashlib.sha256(database.read_bytes()).hexdigest() == digest_before, "the old database was changed"


def test_a_directory_of_another_cluster_is_refused_or_kept(filled):
    """Started with other URLs and another token: the member keeps to what its log says, as etcd does, or refuses."""
    filled.flags = ["--initial-cluster-token", "another"]
    filled.start()
    client = Client(filled.address)
    assert client.call("Range", key=b"k", range_end=b"l").count == 300
    client.close()


def test_a_directory_on_a_read_only_mount(stopped):
    if not mounted(stopped.data, "ro,size=16m"):
        pytest.skip("a tmpfs can't be mounted here (needs root)")
    try:
        log = refuses(stopped, str(stopped.data))
        assert "read-only" in log or "not writable" in log, log
    finally:
        unmount(stopped.data)


def mounted(folder: pathlib.Path, options: str) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True).returncode == 0


def unmount(folder: pathlib.Path) -> None:
    subprocess.run(["umount", "-l", folder], capture_output=True)


def test_a_disk_too_small_to_start(stopped):
    if not mounted(stopped.data, "size=8m"):
        pytest.skip("a tmpfs can't be mounted here (needs root)")
    try:
        refuses(stopped, "space")
    finally:
        stopped.kill()
        unmount(stopped.data)
