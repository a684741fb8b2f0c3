"""etcdutl: snapshots of ours and of the official etcd, restored by each other's tools; hashes equal at each step."""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import subprocess

import pytest

from etcdtest import paths
from etcdtest.rpc import Client
from etcdtest.server import Server
from etcdtest.waiting import PATIENCE, until

ETCDCTL = str(paths.ETCDCTLS["3.5.16"])


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


def save(server, path, etcdctl=ETCDCTL):
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


def figures(client):
    """What has to stay the same on every step."""
    header = client.call("Range", key=b"k").header
    leases = {held.ID: client.call("LeaseTimeToLive", ID=held.ID, keys=True) for held in client.call("LeaseLeases").leases}
    return {
        "revision": header.revision, "hash": hash_of(client), "rows": list(client.call("Range", key=b"\0", range_end=b"\0").kvs),
        "at an earlier revision": hash_of(client, header.revision - 7),
        "leases": {number: (held.grantedTTL, sorted(held.keys)) for number, held in leases.items()}}


def test_a_round_trip_through_official_and_our_members(tmp_path):
    """Official 3.5.1, its save, our restore, three members of ours, our save, the official restore, official 3.5.1: at each step the
    same keys, leases, revision and hashes, in the members and in the files."""
    ours = [Server(paths.OURS, label=f"m{number}") for number in range(3)]
    with Server(paths.ETCD_351, label="first official") as first, Server(paths.ETCD_351, label="last official") as last:
        try:
            first.start()
            client = Client(first.address)
            fill(client)
            expected = figures(client)
            client.close()
            official = save(first, tmp_path / "official.db", paths.ETCDCTLS["3.5.1"])
            check_file(official, expected)

            cluster = ",".join(f"m{number}={server.peer_url}" for number, server in enumerate(ours))
            for number, server in enumerate(ours):
                utl("snapshot", "restore", official, "--data-dir", server.data, "--name", f"m{number}", "--initial-cluster", cluster,
                    "--initial-advertise-peer-urls", server.peer_url)
                server.flags = ["--name", f"m{number}", "--initial-cluster", cluster]
                server.spawn()
            for server in ours:
                server.wait_ready()
                client = Client(server.address)
                assert figures(client) == expected, server.label
                client.close()
            own = save(ours[1], tmp_path / "own.db", paths.ETCDCTL)
            check_file(own, expected)

            restore(paths.ETCDUTL_351, own, last)
            last.start()
            client = Client(last.address)
            assert figures(client) == expected
            # And it goes on from there.
            assert client.call("Put", key=b"k", value=b"after").header.revision == expected["revision"] + 1
            client.close()
        finally:
            for server in ours:
                server.close()


def check_file(path, expected):
    """The tools find in a snapshot what the member had."""
    number, compacted = expected["hash"]
    assert utl("hashkv", path).stdout == f"{number:x}, {expected['revision']}, {compacted}\n"
    for tool in (paths.OUR_UTL, paths.ETCDUTL_351, paths.ETCDUTL):
        assert json.loads(run(tool, "snapshot", "status", path, "-w", "json").stdout)["revision"] == expected["revision"]


def state_of(path):
    """A file and what lies beside it, to see that nothing has touched it."""
    told = path.stat()
    return (hashlib.sha256(path.read_bytes()).hexdigest(), told.st_mtime_ns, told.st_mode, told.st_ino, told.st_nlink,
            sorted(beside.name for beside in path.parent.iterdir()))


def test_what_is_read_is_never_changed(snapshot, tmp_path):
    """Not by a byte, not by its times, and nothing is put beside it; a file that can't be written to is read all the same."""
    folder = tmp_path / "input"
    folder.mkdir()
    path = folder / "snapshot.db"
    path.write_bytes(snapshot["path"].read_bytes())
    os.utime(path, ns=(10**18, 10**18))
    path.chmod(0o400)
    before = state_of(path)
    utl("snapshot", "status", path)
    utl("hashkv", path)
    utl("hashkv", path, "--rev", snapshot["revision"] - 1)
    utl("snapshot", "restore", path, "--data-dir", tmp_path / "restored")
    utl("snapshot", "restore", path, "--data-dir", tmp_path / "bumped", "--bump-revision", "10", "--mark-compacted")
    utl("snapshot", "restore", path, "--data-dir", tmp_path / "restored", code=1)
    assert state_of(path) == before


@pytest.mark.parametrize("kind", ["ours", "official"])
def test_the_status_of_a_file_is_the_official_tools(snapshot, kind, tmp_path):
    path = snapshot["path"]
    if kind == "official":
        with Server(paths.REFERENCE, label="official") as server:
            server.start()
            client = Client(server.address)
            fill(client)
            client.close()
            path = save(server, tmp_path / "official.db")
    for output in ("simple", "json", "fields", "table"):
        arguments = ("snapshot", "status", path, "-w", output)
        assert utl(*arguments).stdout == run(paths.ETCDUTL, *arguments).stdout
    for arguments in (("snapshot", "status", path, "-w", "protobuf"), ("snapshot", "status", path, path)):
        official = run(paths.ETCDUTL, *arguments, code=4 if "-w" in arguments else 128)
        assert utl(*arguments, code=official.returncode).stderr == official.stderr
    assert utl("hashkv", path, "-w", "protobuf", code=4).stderr == "Error: protobuf not supported as output format\n"


def test_hashkv_in_all_formats(snapshot):
    number, compacted = snapshot["hash"]
    revision = snapshot["revision"]
    assert json.loads(utl("hashkv", snapshot["path"], "-w", "json").stdout) == {
        "hash": number, "hashRevision": revision, "compactRevision": compacted}
    assert utl("hashkv", snapshot["path"], "-w", "fields").stdout == (
        f'"Hash" : {number}\n"Hash revision" : {revision}\n"Compact revision" : {compacted}\n')
    assert f"| {number:x} |" in re.sub(" +", " ", utl("hashkv", snapshot["path"], "-w", "table").stdout)
    assert "--rev=-1" in utl("hashkv", snapshot["path"], "--rev=-1", code=128).stderr


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


def test_hashkv_of_an_earlier_revision(snapshot, stopped):
    # The member still has its data.
    stopped.start()
    client = Client(stopped.address)
    for revision in (snapshot["revision"] - 20, snapshot["revision"] - 1, 110):
        expected = client.call("HashKV", revision=revision)
        assert utl("hashkv", snapshot["path"], "--rev", revision).stdout == f"{expected.hash:x}, {revision}, {expected.compact_revision}\n"
    assert "future revision" in utl("hashkv", snapshot["path"], "--rev", snapshot["revision"] + 1, code=1).stderr
    assert "compacted" in utl("hashkv", snapshot["path"], "--rev", 50, code=1).stderr
    client.close()


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
    database = server.data / "member.restoring/snap/lmdb"
    until(lambda: database.exists() or process.poll() is not None, "the beginning of a restore", pause=0.001)
    process.kill()
    process.communicate(timeout=PATIENCE)
    if process.returncode == 0:
        assert (server.data / "member/snap/lmdb").exists()
        return False
    return True


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
        assert not (server.data / "member").exists()
        assert not (tmp_path / "wal").exists()
        # Nor would a member take it for its own.
        server.flags = [str(flag) for flag in flags]
        server.spawn()
        until(lambda: not server.running(), "the end of a member on half a restore")
        assert server.process.returncode > 0 and "member.restoring" in server.log(), server.log_tail()
        assert interrupted(large, server, flags) in (True, False)
        if not (server.data / "member").exists():
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


def test_defragmentation_respects_a_running_member(snapshot, stopped):
    stopped.start()
    before = sorted(path.as_posix() for path in stopped.data.rglob("*"))
    done = utl("defrag", "--data-dir", stopped.data, code=1)
    assert "lock" in done.stderr or "in use" in done.stderr, done.stderr
    assert str(stopped.data) in done.stderr
    refused = utl("snapshot", "restore", snapshot["path"], "--data-dir", stopped.data, code=1)
    assert f'data-dir "{stopped.data}" not empty or could not be read' in refused.stderr
    assert sorted(path.as_posix() for path in stopped.data.rglob("*")) == before
    client = Client(stopped.address)
    client.call("Put", key=b"still", value=b"serving")
    client.call("DeleteRange", key=b"\0", range_end=b"\0")
    client.call("Compact", revision=client.call("Range", key=b"a").header.revision, physical=True)
    expected = hash_of(client)
    client.close()
    stopped.stop()
    utl("defrag", "--data-dir", stopped.data)
    stopped.start()
    client = Client(stopped.address)
    assert hash_of(client, 0)[0] == expected[0]
    client.close()


def test_the_directory_of_a_go_member_is_not_defragmented(tmp_path):
    (tmp_path / "data/member/snap").mkdir(parents=True)
    (tmp_path / "data/member/snap/db").write_bytes(b"")
    assert "is the data directory of a Go etcd" in utl("defrag", "--data-dir", tmp_path / "data", code=1).stderr
    assert "is not the data directory of a member" in utl("defrag", "--data-dir", tmp_path, code=1).stderr


def test_version():
    assert utl("version").stdout == "etcdutl version: 3.6.0\nAPI version: 3.6\n"


def test_bad_calls_are_answered_as_the_official_tool_does(tmp_path):
    cases = [
        (("nonsense",), 1), (("snapshot", "status"), 128), (("snapshot", "restore"), 1), (("defrag",), 1),
        (("snapshot", "status", "--nonsense"), 1), (("snapshot", "status", tmp_path / "nosuch.db"), 1),
        (("snapshot", "restore", "x", "--data-dir", tmp_path / "d", "--name", "zz"), 1),
        (("snapshot", "restore", "x", "--data-dir", tmp_path / "d", "--initial-cluster", "default=nonsense"), 1),
        (("snapshot", "status", "x", "-w", "nonsense"), 4), (("version", "-w"), 1),
    ]
    for arguments, code in cases:
        ours = utl(*arguments, code=code)
        assert ours.stdout == "" and ours.stderr.startswith("Error: "), arguments
        official = subprocess.run([str(paths.ETCDUTL), *map(str, arguments)], capture_output=True, text=True, timeout=60)
        # 3.5's panics are not copied.
        if "goroutine" in official.stderr or official.returncode != code:
            continue
        if "--initial-cluster" not in arguments:
            assert ours.stderr.splitlines()[0] == official.stderr.splitlines()[0], arguments
