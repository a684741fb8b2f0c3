"""etcdutl on files and data directories of ours and of the official etcd: hashes equal at each step of a round trip."""

import hashlib
import json
import os
import re
import subprocess

import pytest

from etcdtest import paths
from etcdtest.rpc import Client
from etcdtest.server import Server
from etcdtest.utl import fill, hash_of, restore, run, save, snapshot, utl  # noqa: F401


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
