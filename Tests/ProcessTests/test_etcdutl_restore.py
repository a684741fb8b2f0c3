"""`etcdutl snapshot restore`: every flag beside the official tool; all or nothing, whenever it is killed."""

import fcntl
import json
import os
import re
import subprocess

import pytest

from etcdtest import paths
from etcdtest.rpc import Client
from etcdtest.server import Server
from etcdtest.utl import hash_of, restore, run, save, snapshot, utl  # noqa: F401
from etcdtest.waiting import PATIENCE, until


def members_told(log):
    """Of the lines about founding members: which, in which cluster."""
    told = []
    for line in log.splitlines():
        if "added member" in line:
            fields = json.loads(line[line.index("{"):])
            told.append((fields["cluster-id"], fields["added-peer-id"], fields["added-peer-peer-urls"]))
    return sorted(told)


@pytest.mark.parametrize("flags", [
    [], ["--name", "a", "--initial-cluster", "a=http://127.0.0.1:1,b=http://127.0.0.1:2", "--initial-advertise-peer-urls", "http://127.0.0.1:1"],
    ["--initial-cluster-token", "another"], ["--initial-memory-map-size", "1048576"],
    ["--name", "a", "--initial-cluster", "a=http://127.0.0.1:1,a=http://127.0.0.1:2,b=http://127.0.0.1:3",
     "--initial-advertise-peer-urls", "http://127.0.0.1:2,http://127.0.0.1:1", "--initial-cluster-token", "t"],
    ["--bump-revision", "1000", "--mark-compacted"],
], ids=lambda flags: " ".join(flags) or "none")
def test_a_restore_founds_the_cluster_that_the_official_tool_founds(snapshot, tmp_path, flags):
    arguments = ["snapshot", "restore", snapshot["path"], "--data-dir"]
    ours = utl(*arguments, tmp_path / "ours", *flags).stderr
    official = run(paths.ETCDUTL, *arguments, tmp_path / "official", *flags).stderr
    assert members_told(ours) == members_told(official) != []
    for line in ("bumping latest revision", "marking revision compacted"):
        assert (line in ours) == (line in official)
    # The same files, but for the database, which is of another kind.
    names = [sorted(path.relative_to(root / "member").as_posix() for path in (root / "member").rglob("*.*") if "lmdb" not in path.name)
             for root in (tmp_path / "ours", tmp_path / "official")]
    assert names[0] == names[1] != []


def test_three_members_of_a_new_cluster(snapshot, tmp_path):
    servers = [Server(paths.OURS, label=f"m{i}") for i in range(3)]
    try:
        cluster = ",".join(f"m{i}={server.peer_url}" for i, server in enumerate(servers))
        for i, server in enumerate(servers):
            utl("snapshot", "restore", snapshot["path"], "--data-dir", server.data, "--name", f"m{i}", "--initial-cluster", cluster,
                "--initial-advertise-peer-urls", server.peer_url, "--initial-cluster-token", "new")
        # All directories belong to one cluster and name all its members.
        names = {tuple(sorted(path.name for path in (server.data / "member/snap").glob("*.snap"))) for server in servers}
        assert names == {("0000000000000001-0000000000000003.snap",)}
        for i, server in enumerate(servers):
            server.flags = ["--name", f"m{i}", "--initial-cluster", cluster]
            server.spawn()
        for server in servers:
            server.wait_ready()
        client = Client(servers[2].address)
        assert client.call("Range", key=b"\0", range_end=b"\0").kvs == snapshot["rows"]
        assert len(client.call("MemberList").members) == 3
        client.close()
    finally:
        for server in servers:
            server.close()


def test_a_bumped_revision(snapshot, stopped, tmp_path):
    with Server(paths.OURS, label="restored") as server:
        restore(paths.OUR_UTL, snapshot["path"], server, "--bump-revision", "1000000", "--mark-compacted")
        server.start()
        client = Client(server.address)
        now = client.call("Range", key=b"\0", range_end=b"\0")
        assert now.header.revision == snapshot["revision"] + 1000000
        assert [kv.key for kv in now.kvs] == [kv.key for kv in snapshot["rows"]]
        assert client.call("Put", key=b"new", value=b"1").header.revision == now.header.revision + 1
        client.close()
    for half in (["--bump-revision", "5"], ["--mark-compacted"]):
        told = [restore(tool, snapshot["path"], stopped, *half, code=128).stderr for tool in (paths.OUR_UTL, paths.ETCDUTL)]
        assert told[0] == told[1]
    assert "too large" in utl("snapshot", "restore", snapshot["path"], "--data-dir", tmp_path / "far", "--bump-revision", 2**63,
                              "--mark-compacted", code=1).stderr
    assert not (tmp_path / "far/member").exists()


@pytest.mark.parametrize("damage", ["flipped", "cut", "no digest"])
def test_a_damaged_snapshot_is_refused_and_leaves_nothing(snapshot, tmp_path, damage):
    content = bytearray(snapshot["path"].read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 1
    elif damage == "cut":
        content = content[:-4096]
    else:
        content = content[:-32]
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(content)
    target = tmp_path / "target"
    done = utl("snapshot", "restore", damaged, "--data-dir", target, code=1)
    assert ("snapshot missing hash but --skip-hash-check=false" if damage == "no digest" else "expected sha256 [") in done.stderr
    assert not target.exists() or not any(target.iterdir())
    # A file without a digest is taken on demand.
    if damage == "no digest":
        utl("snapshot", "restore", damaged, "--data-dir", target, "--skip-hash-check")
        assert (target / "member/snap/lmdb").exists()


def test_a_file_that_is_no_database_leaves_nothing(tmp_path):
    for name, content in (("text", b"hello" * 1000), ("zeros", bytes(65536)), ("empty", b"")):
        path = tmp_path / name
        path.write_bytes(content)
        target = tmp_path / "target"
        done = utl("snapshot", "restore", path, "--data-dir", target, "--skip-hash-check", code=1)
        assert str(path) in done.stderr
        assert not target.exists() or not any(target.iterdir())
        assert utl("snapshot", "status", path, code=1).stderr.startswith("Error: ")


def test_a_directory_in_use_is_not_touched(snapshot, stopped, tmp_path):
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine").write_text("keep")
    done = utl("snapshot", "restore", snapshot["path"], "--data-dir", taken, code=1)
    assert done.stderr.rstrip().endswith(f'data-dir "{taken}" not empty or could not be read')
    assert [path.name for path in taken.iterdir()] == ["mine"]
    # What an interrupted restore has left is replaced.
    begun = tmp_path / "begun"
    (begun / "member.restoring/snap").mkdir(parents=True)
    utl("snapshot", "restore", snapshot["path"], "--data-dir", begun)
    assert sorted(path.name for path in begun.iterdir()) == ["member"]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A snapshot that takes a moment to restore, and its hash."""
    path = tmp_path_factory.mktemp("large") / "large.db"
    with Server(paths.OURS, label="large") as server:
        server.start()
        client = Client(server.address)
        for number in range(600):
            client.call("Put", key=b"large%04d" % number, value=bytes(range(256)) * 200)
        figures = {"path": save(server, path), "hash": hash_of(client)}
        client.close()
    return figures


def interrupted(large, server, flags) -> bool:
    """Starts a restore and kills it as soon as the database is being written. Whether it came too late does not matter."""
    process = subprocess.Popen(
        [str(paths.OUR_UTL), "snapshot", "restore", str(large["path"]), "--data-dir", str(server.data), "--name", "default",
         "--initial-cluster", f"default={server.peer_url}", "--initial-advertise-peer-urls", server.peer_url, *map(str, flags)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    begun = server.data / "member.restoring/snap"
    until(lambda: any(begun.glob("lmdb*")) or process.poll() is not None, "the beginning of a restore", pause=0.001)
    process.kill()
    process.communicate(timeout=PATIENCE)
    done = (server.data / "member").exists()
    # Done is done: all of it is there.
    assert not done or (server.data / "member/snap/lmdb").exists()
    assert done or process.returncode == -9
    return not done


@pytest.mark.parametrize("log", ["inside", "apart"])
def test_a_restore_that_is_killed_leaves_nothing_to_start_on_and_can_be_repeated(large, tmp_path, log):
    with Server(paths.OURS, label="restored") as server:
        flags = ["--wal-dir", tmp_path / "wal"] if log == "apart" else []
        for _ in range(30):
            if interrupted(large, server, flags):
                break
            # It was done before the signal: once more from nothing.
            subprocess.run(["rm", "-rf", str(server.data), str(tmp_path / "wal")], check=True)
        else:
            raise AssertionError("30 restores were done before they could be killed")
        # A member does not take it for its own.
        server.flags = [str(flag) for flag in flags]
        server.spawn()
        until(lambda: not server.running(), "the end of a member on half a restore")
        assert server.process.returncode > 0 and "member.restoring" in server.log(), server.log_tail()
        if interrupted(large, server, flags):
            restore(paths.OUR_UTL, large["path"], server, *flags)
        assert [path.name for path in server.data.iterdir()] == ["member"]
        server.start()
        client = Client(server.address)
        assert hash_of(client) == large["hash"]
        client.close()


def test_a_restore_that_is_killed_right_before_its_end_can_be_repeated(snapshot, tmp_path):
    """The log has its name by then, in a directory of its own: the second try was refused, as if it were another's."""
    with Server(paths.OURS, label="restored") as server:
        wal = tmp_path / "wal"
        restore(paths.OUR_UTL, snapshot["path"], server, "--wal-dir", wal)
        # As it is right before the last step.
        (server.data / "member").rename(server.data / "member.restoring")
        (server.data / "member.restoring/wal-dir").write_text(str(wal))
        (server.data / "member.restoring/lock").write_text("")
        restore(paths.OUR_UTL, snapshot["path"], server, "--wal-dir", f"{wal}/")
        assert [path.name for path in server.data.iterdir()] == ["member"]
        assert sorted(path.name for path in (server.data / "member").iterdir()) == ["snap"]
        server.flags = ["--wal-dir", str(wal)]
        server.start()
        client = Client(server.address)
        assert hash_of(client) == snapshot["hash"]
        client.close()
        # Another's log is not touched.
        kept = tmp_path / "kept"
        kept.mkdir()
        (kept / "0.wal").write_text("mine")
        done = utl("snapshot", "restore", snapshot["path"], "--data-dir", tmp_path / "new", "--wal-dir", kept, code=1)
        assert done.stderr == f'Error: wal-dir "{kept}" not empty or could not be read\n'
        assert (kept / "0.wal").read_text() == "mine" and not (tmp_path / "new").exists()


def test_two_restores_at_once_do_not_meet(snapshot, tmp_path):
    target = tmp_path / "target"
    (target / "member.restoring").mkdir(parents=True)
    (target / "member.restoring/half").write_text("made")
    with open(target / "member.restoring/lock", "w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        done = utl("snapshot", "restore", snapshot["path"], "--data-dir", target, code=1)
        assert done.stderr.splitlines()[-1] == f"Error: another restore into {target} is under way; wait for its end"
        assert (target / "member.restoring/half").read_text() == "made"
    utl("snapshot", "restore", snapshot["path"], "--data-dir", target)
    assert sorted(path.name for path in (target / "member").iterdir()) == ["snap", "wal"]


def test_a_disk_without_room_is_told_and_nothing_is_left(large, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True).returncode != 0:
        pytest.skip("a tmpfs can't be mounted here (needs root)")
    try:
        done = utl("snapshot", "restore", large["path"], "--data-dir", disk / "data", code=1)
        assert re.search(rf"; the disk of {disk}/data had 8.\d MB free, and about 9\d MB are needed$", done.stderr.rstrip()), done.stderr
        assert not (disk / "data").exists() or not any((disk / "data").iterdir())
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("below", ["member/wal", "member/log", "./member//wal/"])
def test_a_log_directory_below_the_member_comes_with_it(snapshot, below):
    with Server(paths.OURS, label="restored") as server:
        restore(paths.OUR_UTL, snapshot["path"], server, "--wal-dir", f"{server.data}/{below}")
        assert [path.name for path in server.data.iterdir()] == ["member"]
        server.flags = ["--wal-dir", os.path.normpath(f"{server.data}/{below}")]
        server.start()
        client = Client(server.address)
        assert hash_of(client) == snapshot["hash"]
        client.close()


def test_a_log_of_its_own_directory(snapshot, tmp_path):
    with Server(paths.OURS, label="restored") as server:
        wal = tmp_path / "wal"
        restore(paths.OUR_UTL, snapshot["path"], server, "--wal-dir", wal)
        assert not (server.data / "member/wal").exists()
        server.flags = ["--wal-dir", str(wal)]
        server.start()
        client = Client(server.address)
        assert client.call("Range", key=b"\0", range_end=b"\0").kvs == snapshot["rows"]
        client.close()
