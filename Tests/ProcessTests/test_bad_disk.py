"""Damaged, foreign, unwritable and full data directories: a clear error that names the place, and nothing changed or lost."""

import contextlib
import hashlib
import os
import pathlib
import random
import shutil
import signal
import stat
import subprocess

import grpc
import pytest

from etcdtest import paths
from etcdtest.pair import SEED, http
from etcdtest.rpc import Client
from etcdtest.server import Server
from etcdtest.waiting import until

NOBODY = 65534


def contents(folder) -> dict[str, str]:
    """A digest of every file below, so that "unchanged" can be said."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file() and not path.is_symlink()
    }


def fill(server, keys=300, value=b"v" * 500) -> int:
    """Puts `keys` keys and returns the last revision."""
    client = Client(server.address)
    for number in range(keys):
        revision = client.call("Put", key=b"key/%05d" % number, value=value).header.revision
    client.close()
    return revision


def holds(server, keys=300, value=b"v" * 500) -> bool:
    client = Client(server.address)
    rows = client.call("Range", key=b"key/", range_end=b"key0").kvs
    client.close()
    return [row.key for row in rows] == [b"key/%05d" % n for n in range(keys)] and all(row.value == value for row in rows)


def segments(server) -> list[pathlib.Path]:
    return sorted((server.data / "member/wal").glob("*.wal"))


def snaps(server) -> list[pathlib.Path]:
    return sorted((server.data / "member/snap").glob("*.snap"))


def refusal(server) -> str:
    """The log of a start that must fail with a status, in time and without changing a file."""
    before = contents(server.data) if server.data.is_dir() else None
    server.spawn()
    status = server.wait_exit()
    assert status > 0, f"status {status}; a negative one is a crash:\n{server.log_tail()}"
    if before is not None:
        after = contents(server.data)
        changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        assert not changed, f"changed: {changed}"
    errors = [entry for entry in server.log_entries() if entry["level"] in ("error", "fatal")]
    assert errors, f"no error is logged:\n{server.log_tail()}"
    return " ".join(str(value) for entry in errors for value in entry.values())


# The log

def used_bytes(segment: pathlib.Path) -> int:
    return len(segment.read_bytes().rstrip(b"\0"))


def flip(path: pathlib.Path, offset: int, bit: int) -> None:
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


@pytest.mark.parametrize("place", range(6))
def test_a_flipped_bit_inside_the_log_is_refused_with_its_place(stopped, place):
    """At a random place of the entries' bytes; a good record follows, so it is no torn end."""
    choices = random.Random(f"{SEED}/flip/{place}")
    fill(stopped.start())
    stopped.kill()
    log = segments(stopped)[-1]
    offset = choices.randrange(used_bytes(log) // 10, used_bytes(log) * 8 // 10)
    flip(log, offset, choices.randrange(8))
    said = refusal(stopped)
    assert log.name in said, said
    assert "offset" in said, said
    assert "backup" in said, "it does not say what to do: " + said


@pytest.mark.parametrize("tail", ["half a length", "a length alone", "half a record", "zeros from a sector on"])
def test_a_write_that_was_torn_by_the_crash_is_cut_and_nothing_is_lost(stopped, tail):
    """The record after the last synced one, as a power cut may leave it."""
    fill(stopped.start())
    stopped.kill()
    log = segments(stopped)[-1]
    end = (used_bytes(log) + 7) // 8 * 8
    with open(log, "r+b") as file:
        file.seek(end)
        length = (2000).to_bytes(8, "little")
        if tail == "zeros from a sector on":
            # The segment keeps its preallocated size.
            file.write((length + b"\x55" * 2000)[:512 - end % 512 + 512])
        else:
            file.write({"half a length": length[:3], "a length alone": length, "half a record": length + b"\x55" * 700}[tail])
            file.truncate()
    stopped.start()
    assert holds(stopped)
    assert log.name in stopped.log(), "the repair is not told"
    writes_survive_another_start(stopped)


def writes_survive_another_start(server) -> None:
    client = Client(server.address)
    client.call("Put", key=b"after", value=b"1")
    client.close()
    server.kill()
    server.start()
    client = Client(server.address)
    assert client.call("Range", key=b"after").count == 1
    client.close()


@pytest.mark.parametrize("missing", [1, 7, 100, 3000])
def test_a_log_that_lost_synced_bytes_is_not_taken_for_whole(stopped, missing):
    """Cut to what can be read, unless the database knows of more: then it is refused, for acknowledged writes are missing."""
    revision = fill(stopped.start())
    stopped.kill()
    log = segments(stopped)[-1]
    with open(log, "r+b") as file:
        file.truncate(used_bytes(log) - missing)
    stopped.spawn()
    with contextlib.suppress(AssertionError):
        stopped.wait_ready()
    if not stopped.running():
        assert stopped.process.returncode > 0 and "missing from the log" in stopped.log(), stopped.log_tail()
        return
    client = Client(stopped.address)
    now = client.call("Range", key=b"key/", range_end=b"key0")
    client.close()
    # Entries of 500 bytes: that much of the end is gone, no more.
    assert revision - missing // 500 - 2 <= now.header.revision <= revision
    assert now.count == now.header.revision - 1
    writes_survive_another_start(stopped)


def test_a_missing_segment_is_refused(stopped):
    stopped.flags = ["--snapshot-count", "100000"]
    stopped.start()
    client = Client(stopped.address)
    # 64 MB a segment.
    for number in range(64):
        client.call("Put", key=b"big", value=b"x" * 1_050_000)
    client.close()
    stopped.kill()
    found = segments(stopped)
    if len(found) < 2:
        pytest.skip("the log has one segment")
    found[0].rename(stopped.directory / "kept.wal")
    said = refusal(stopped)
    assert "segment" in said or ".wal" in said, said
    (stopped.directory / "kept.wal").rename(found[0])
    stopped.start()
    client = Client(stopped.address)
    assert client.call("Range", key=b"big").kvs[0].version == 64
    client.close()


def test_an_empty_log_directory_beside_data_is_refused(stopped):
    stopped.flags = ["--snapshot-count", "50"]
    fill(stopped.start())
    assert stopped.stop() == 0
    assert snaps(stopped)
    for log in segments(stopped):
        log.unlink()
    assert "log" in refusal(stopped)


# Snapshots and the database

def test_a_damaged_snap_file_is_passed_over_or_refused_by_name(stopped):
    stopped.flags = ["--snapshot-count", "50"]
    fill(stopped.start())
    stopped.kill()
    newest = snaps(stopped)[-1]
    flip(newest, newest.stat().st_size // 2, 3)
    stopped.spawn()
    try:
        stopped.wait_ready()
        assert holds(stopped)
        assert newest.name in stopped.log(), "it says nothing of the damaged file"
    except AssertionError:
        if stopped.running():
            raise
        # An older one would need log segments that are gone.
        assert stopped.process.returncode > 0 and newest.name in stopped.log(), stopped.log_tail()


def test_all_snap_files_damaged_is_refused(stopped):
    stopped.flags = ["--snapshot-count", "50"]
    fill(stopped.start())
    stopped.kill()
    for snap in snaps(stopped):
        flip(snap, snap.stat().st_size // 2, 3)
    stopped.spawn()
    with contextlib.suppress(AssertionError):
        stopped.wait_ready()
    if stopped.running():
        assert holds(stopped)
    else:
        assert stopped.process.returncode > 0 and ".snap" in stopped.log(), stopped.log_tail()


def database(server) -> pathlib.Path:
    return max((path for path in (server.data / "member/snap").rglob("*") if path.is_file() and path.suffix != ".snap"),
               key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("damage", ["garbage", "cut", "zeros at the start"])
def test_a_damaged_database_file_is_no_crash(stopped, damage):
    fill(stopped.start(), keys=2000)
    assert stopped.stop() == 0
    file = database(stopped)
    size = file.stat().st_size
    with open(file, "r+b") as handle:
        if damage == "garbage":
            handle.write(random.Random(f"{SEED}/db").randbytes(size))
        elif damage == "cut":
            handle.truncate(size // 2 // 4096 * 4096 + 100)
        else:
            handle.write(bytes(16384))
    stopped.spawn()
    with contextlib.suppress(AssertionError):
        stopped.wait_ready()
    if stopped.running():
        # Where the log still has everything, the member may make the database anew.
        assert holds(stopped, keys=2000)
    else:
        assert stopped.process.returncode > 0, f"crashed with {stopped.process.returncode}:\n{stopped.log_tail()}"
        assert file.name in stopped.log() or str(file.parent) in stopped.log(), stopped.log_tail()


# Directories

def as_nobody(server):
    """The start of `server` as a user who may not do everything."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv to run the member as another user")
    # The program may lie where only root can look.
    program = server.directory / "etcd"
    shutil.copy(server.binary, program)
    os.chmod(server.directory, 0o755)
    arguments = server.arguments
    server.binary = program
    server.arguments = lambda: ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *arguments()]


def test_an_unwritable_place_is_named(stopped):
    as_nobody(stopped)
    stopped.spawn()
    assert stopped.wait_exit() > 0
    assert str(stopped.data) in stopped.log() and denied(stopped.log()), stopped.log_tail()


def denied(log: str) -> bool:
    return "ermission denied" in log or "is not writable" in log


@pytest.mark.parametrize("what", [
    "member", "member/wal", "member/snap", "a segment", "the database"])
def test_an_unwritable_part_of_a_data_directory_is_named(stopped, what):
    fill(stopped.start(), keys=10)
    assert stopped.stop() == 0
    as_nobody(stopped)
    # All is nobody's but one part.
    part = {"a segment": segments(stopped)[-1], "the database": database(stopped)}.get(what) or stopped.data / what
    for path in [stopped.data, *stopped.data.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    os.chown(part, 0, 0)
    os.chmod(part, 0o755 if part.is_dir() else 0o444)
    stopped.spawn()
    assert stopped.wait_exit() > 0
    assert part.name in stopped.log() and denied(stopped.log()), stopped.log_tail()


def test_a_file_where_the_directory_should_be(stopped):
    stopped.data.write_text("precious")
    stopped.spawn()
    assert stopped.wait_exit() > 0
    assert str(stopped.data) in stopped.log(), stopped.log_tail()
    assert stopped.data.read_text() == "precious"


def test_a_directory_of_something_else_is_not_taken_over(stopped):
    (stopped.data / "member").mkdir(parents=True)
    (stopped.data / "member/layout").write_text("not a number\n")
    (stopped.data / "letters").mkdir()
    (stopped.data / "letters/first.txt").write_text("dear")
    assert "layout" in refusal(stopped)


def test_a_foreign_directory_is_left_as_it_is(stopped):
    """Nothing of ours is in it: refused, or used without touching what was there."""
    (stopped.data / "letters").mkdir(parents=True)
    (stopped.data / "letters/first.txt").write_text("dear")
    before = contents(stopped.data)
    stopped.spawn()
    with contextlib.suppress(AssertionError):
        stopped.wait_ready()
    if not stopped.running():
        assert stopped.process.returncode > 0 and str(stopped.data) in stopped.log(), stopped.log_tail()
    stopped.kill()
    after = contents(stopped.data)
    assert {name: after.get(name) for name in before} == before


def test_a_directory_of_the_reference_is_refused_by_name_or_served(stopped):
    """Its log is in the same format, its database in another."""
    with Server(paths.REFERENCE, label="reference", directory=stopped.directory) as other:
        fill(other.start())
        assert other.stop() in (0, -15)
    stopped.peer_port = other.peer_port
    stopped.spawn()
    with contextlib.suppress(AssertionError):
        stopped.wait_ready()
    if stopped.running():
        assert holds(stopped)
    else:
        assert stopped.process.returncode > 0 and str(stopped.data) in stopped.log(), stopped.log_tail()


def test_a_data_directory_open_to_others_is_made_private_or_told(stopped):
    stopped.start()
    assert stat.S_IMODE(stopped.data.stat().st_mode) == 0o700


# Full disks

@contextlib.contextmanager
def small_disk(folder: pathlib.Path, megabytes: int):
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"cannot mount a small disk: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def write_until_refused(server, client, most=3000) -> tuple[dict[bytes, bytes], grpc.RpcError]:
    """The acknowledged puts, and the error that ended them."""
    acknowledged = {}
    for number in range(most):
        key, value = b"fill/%05d" % number, b"%05d" % number * 10_000
        try:
            client.call("Put", key=key, value=value)
        except grpc.RpcError as error:
            return acknowledged, error
        acknowledged[key] = value
    raise AssertionError(f"{most} puts of 50 kB fitted on the small disk")


@pytest.mark.parametrize("left", ["kept going", "restarted"])
def test_a_full_disk_loses_nothing(stopped, left):
    with small_disk(stopped.directory / "disk", 160):
        stopped.data = stopped.directory / "disk/data"
        ballast = stopped.directory / "disk/ballast"
        ballast.write_bytes(bytes(20 << 20))
        stopped.start()
        client = Client(stopped.address)
        acknowledged, error = write_until_refused(stopped, client)
        assert len(acknowledged) > 100
        assert error.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE), error
        if error.code() == grpc.StatusCode.UNAVAILABLE:
            until(lambda: not stopped.running(), "the end of a member that said it is unavailable")
        if stopped.running():
            # Full, but alive: it says why, and reads go on.
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
            assert client.call("Range", key=b"fill/00000", serializable=True).count == 1
        else:
            assert stopped.process.returncode > 0, f"crashed with {stopped.process.returncode}:\n{stopped.log_tail()}"
            assert says_full(stopped.log()), stopped.log_tail()
        client.close()
        if left == "restarted" or not stopped.running():
            stopped.kill()
            # On the full disk it starts, or says why it can't.
            stopped.spawn()
            with contextlib.suppress(AssertionError):
                stopped.wait_ready()
            if not stopped.running():
                assert stopped.process.returncode > 0 and says_full(stopped.log()), stopped.log_tail()
            stopped.kill()
        ballast.unlink()
        there = until(lambda: rows_of_a_living_member(stopped), stopped.log_tail)
        client = Client(stopped.address)
        lost = [key for key, value in acknowledged.items() if there.get(key) != value]
        assert not lost, f"acknowledged and lost: {lost}"
        assert len(there) <= len(acknowledged) + 1
        # With space again and the alarm taken back, it writes again.
        until(lambda: takes_writes(client), "writes, though there is space and the alarm is disarmed", pause=0.2)
        client.close()
        stopped.kill()


def rows_of_a_living_member(server) -> dict[bytes, bytes]:
    """What is there. A member whose disk was full may end, with that reason, at any time until it has seen the room."""
    if not server.running():
        assert server.process.returncode == -signal.SIGKILL or (server.process.returncode > 0 and says_full(server.log())), server.log_tail()
        server.start()
    client = Client(server.address)
    try:
        return {row.key: row.value for row in client.call("Range", key=b"fill/", range_end=b"fill0").kvs}
    finally:
        client.close()


def takes_writes(client) -> bool:
    """After a disarm. False where the member hasn't seen the room yet and has raised the alarm again."""
    for alarm in client.call("Alarm", action="GET").alarms:
        client.call("Alarm", action="DEACTIVATE", alarm="NOSPACE", memberID=alarm.memberID)
    try:
        client.call("Put", key=b"after", value=b"1")
        return True
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
        return False


def says_full(log: str) -> bool:
    """LMDB has but one name for a write that came short: an input/output error, here of the file that is named."""
    return "o space left on device" in log or ("lmdb" in log and "Input/output error" in log)


def test_the_quota_raises_an_alarm_and_its_release_lets_writes_in_again(stopped):
    stopped.flags = ["--quota-backend-bytes", str(16 << 20)]
    stopped.start()
    client = Client(stopped.address)
    acknowledged, error = write_until_refused(stopped, client)
    assert (error.code(), error.details()) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded")
    assert [alarm.alarm for alarm in client.call("Alarm", action="GET").alarms] == [1]
    status, _, body = http(stopped.endpoint + "/health")
    assert status == 503 and "NOSPACE" in body
    # Reads, deletions and compaction still work; after a restart too.
    stopped.kill()
    stopped.start()
    client.close()
    client = Client(stopped.address)
    assert client.call("Range", key=b"fill/", range_end=b"fill0", count_only=True).count == len(acknowledged)
    with pytest.raises(grpc.RpcError, match="database space exceeded"):
        client.call("Put", key=b"a", value=b"b")
    revision = client.call("DeleteRange", key=b"fill/", range_end=b"fill0").header.revision
    client.call("Compact", revision=revision, physical=True)
    client.call("Defragment")
    client.call("Alarm", action="DEACTIVATE", alarm="NOSPACE", memberID=client.call("Status").header.member_id)
    assert not client.call("Alarm", action="GET").alarms
    for number in range(20):
        client.call("Put", key=b"after/%d" % number, value=b"x" * 10_000)
    assert http(stopped.endpoint + "/health")[0] == 200
    client.close()
