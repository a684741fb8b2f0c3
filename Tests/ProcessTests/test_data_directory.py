"""Data directories that are damaged, foreign, missing, unwritable or full: a message that says what and where, an exit status
other than 0, and nothing changed; what can be repaired is, without losing anything acknowledged."""

import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import grpc
import pytest

from etcdtest import paths
from etcdtest.rpc import Client
from etcdtest.server import Server, free_port


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


def end_of_records(data: bytes) -> int:
    """After the last record of the file: the rest is preallocated zeros."""
    return len(data.rstrip(b"\0"))


@pytest.mark.parametrize("place", [0.02, 0.1, 0.5, 0.9])
def test_a_flipped_bit_in_the_log_is_refused(filled, place):
    file = wal_file(filled)
    data = bytearray(file.read_bytes())
    at = int(end_of_records(bytes(data)) * place)
    # Inside a value, so that the record's structure is whole and only its checksum tells.
    at = data.index(b"value ", at) + 2
    data[at] ^= 0x10
    file.write_bytes(data)
    before = digest(filled.data)
    log = refuses(filled, file.name)
    assert "crc" in log.lower() or "checksum" in log.lower(), log
    assert digest(filled.data) == before, "the directory was changed"


def test_a_torn_last_record_is_cut_off(filled):
    file = wal_file(filled)
    data = file.read_bytes()
    end = end_of_records(data)
    file.write_bytes(data[: end - 7])
    filled.start()
    client = Client(filled.address)
    there = client.call("Range", key=b"k", range_end=b"l")
    assert there.count >= 299
    assert [pair.value for pair in there.kvs] == [b"value %d " % n * 5 for n in range(there.count)]
    client.call("Put", key=b"after", value=b"1")
    client.close()
    filled.kill()
    filled.start()
    client = Client(filled.address)
    assert client.call("Range", key=b"after").count == 1
    client.close()


def test_a_torn_sector_of_zeros_is_cut_off(filled):
    file = wal_file(filled)
    data = bytearray(file.read_bytes())
    end = end_of_records(bytes(data))
    sector = (end - 1) // 512 * 512
    data[sector:] = bytes(len(data) - sector)
    file.write_bytes(data)
    filled.spawn()
    try:
        filled.wait_ready(15)
    except AssertionError:
        # Refusing is allowed where the cut is not at a record that a torn write explains; a crash is not.
        assert filled.wait_exit(5) in range(1, 128), filled.log_tail()
        assert file.name in filled.log()
        return
    client = Client(filled.address)
    there = client.call("Range", key=b"k", range_end=b"l")
    assert 280 <= there.count <= 300
    assert [pair.value for pair in there.kvs] == [b"value %d " % n * 5 for n in range(there.count)]
    client.close()


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


@pytest.mark.parametrize("size", [0, 100, 4096, 10_000])
def test_a_damaged_database_is_refused(filled, size):
    database = filled.data / "member/snap/lmdb"
    data = bytearray(database.read_bytes())
    if size == 0:
        data[: 8192] = os.urandom(8192)
    else:
        data = data[:size]
    database.write_bytes(data)
    filled.spawn()
    try:
        status = filled.wait_exit(15)
    except subprocess.TimeoutExpired:
        # The log still holds everything: recovering from it is as good as refusing.
        client = Client(filled.address)
        assert client.call("Range", key=b"k", range_end=b"l").count == 300
        client.close()
        return
    assert 0 < status < 128, f"status {status}: {filled.log_tail()}"
    assert database.name in filled.log() or "database" in filled.log(), filled.log_tail()


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


def test_a_file_instead_of_a_directory(stopped):
    stopped.data.write_bytes(b"I am a file")
    refuses(stopped, str(stopped.data))
    assert stopped.data.read_bytes() == b"I am a file"


def test_an_unwritable_directory(stopped):
    if os.geteuid() == 0:
        # No permission stops root, but nobody can make a directory here.
        stopped.data = pathlib.Path("/proc/etcd-test")
    else:
        stopped.data.mkdir()
        stopped.data.chmod(0o500)
    refuses(stopped, str(stopped.data))


def test_a_directory_on_a_read_only_mount(stopped):
    if not mounted(stopped.data, "ro,size=16m"):
        pytest.skip("a tmpfs can't be mounted here (needs root)")
    try:
        log = refuses(stopped, str(stopped.data))
        assert "read-only" in log or "not writable" in log, log
    finally:
        unmount(stopped.data)


# The network

@pytest.mark.parametrize("flag", ["client"])
def test_an_address_in_use(stopped, flag):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stopped.client_port))
        taken.listen()
        refuses(stopped, f"127.0.0.1:{stopped.client_port}", "in use")
        assert not (stopped.data / "member").exists() or True


# Flags

def run(*arguments, environment=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
    with tempfile.TemporaryDirectory() as folder:
        try:
            return subprocess.run(
                [paths.OURS, *arguments], capture_output=True, text=True, timeout=8, env=clean | (environment or {}), cwd=folder)
        except subprocess.TimeoutExpired:
            pytest.fail(f"etcd {' '.join(arguments)} starts a member")


@pytest.mark.parametrize("arguments, words", [
    (["--snapshot-cuont", "5"], ["snapshot-cuont", "snapshot-count"]), (["--nonsense-of-ours"], ["nonsense-of-ours"]),
    (["--snapshot-count", "many"], ["snapshot-count", "many"]), (["--heartbeat-interval", "-5"], ["heartbeat-interval"]),
    (["--election-timeout", "100", "--heartbeat-interval", "100"], ["election-timeout"]),
    (["--election-timeout", "60000"], ["election-timeout"]),
    (["--listen-client-urls", "nonsense"], ["listen-client-urls", "nonsense"]),
    (["--listen-client-urls", "http://nonsense.invalid"], ["listen-client-urls"]),
    (["--listen-client-urls", "http://127.0.0.1:99999", "--advertise-client-urls", "http://127.0.0.1:99999"], ["99999"]),
    (["--quota-backend-bytes", "1GB"], ["quota-backend-bytes", "1GB"]), (["--max-txn-ops", "-1"], ["max-txn-ops"]),
    (["--log-level", "loud"], ["log-level", "loud"]), (["--initial-cluster-state", "odd"], ["initial-cluster-state", "odd"]),
    (["stray"], ["stray"]), (["--data-dir"], ["data-dir"]), (["--auto-compaction-mode", "x"], ["auto-compaction-mode"]),
    (["--enable-pprof=perhaps"], ["enable-pprof", "perhaps"]),
], ids=lambda v: " ".join(v))
def test_bad_flags_are_refused_by_name(arguments, words):
    done = run(*arguments)
    assert 0 < done.returncode < 128, done
    for word in words:
        assert word in done.stdout + done.stderr, done.stderr


@pytest.mark.parametrize("name, value", [("ETCD_SNAPSHOT_COUNT", "many"), ("ETCD_LOG_LEVEL", "loud")])
def test_bad_environment_is_refused_by_name(name, value):
    done = run(environment={name: value})
    assert 0 < done.returncode < 128
    assert name in done.stderr or name.removeprefix("ETCD_").lower().replace("_", "-") in done.stderr, done.stderr


def test_a_flag_and_its_variable_together_are_refused():
    done = run("--snapshot-count", "5", environment={"ETCD_SNAPSHOT_COUNT": "6"})
    assert 0 < done.returncode < 128
    assert "ETCD_SNAPSHOT_COUNT" in done.stderr + done.stdout


def test_version_and_help():
    done = run("--version")
    assert done.returncode == 0 and done.stdout.startswith("etcd Version: 3.6."), done
    done = run("--help")
    assert done.returncode == 0 and "--data-dir" in done.stdout, done


def test_the_environment_is_read(stopped):
    stopped.environment = {"ETCD_MAX_TXN_OPS": "2"}
    stopped.start()
    client = Client(stopped.address)
    from etcdtest import ops
    with pytest.raises(grpc.RpcError, match="too many operations"):
        client.call("Txn", success=[ops.get(b"a"), ops.get(b"b"), ops.get(b"c")])
    client.close()


# A full disk

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


@pytest.mark.bounded(120)
def test_a_disk_that_fills_up_loses_nothing(stopped):
    """Puts fail or the member ends with a clear message; what it had acknowledged is there once there is room again."""
    if not mounted(stopped.data, "size=260m"):
        pytest.skip("a tmpfs can't be mounted here (needs root)")
    try:
        stopped.start()
        client = Client(stopped.address)
        client.call("Put", key=b"first", value=b"1")
        room = shutil.disk_usage(stopped.data).free
        ballast = stopped.data / "ballast"
        with open(ballast, "wb") as file:
            file.write(bytes(max(0, room - 3_000_000)))
        acknowledged, failure = [], None
        until = time.monotonic() + 60
        n = 0
        while failure is None and time.monotonic() < until:
            n += 1
            try:
                client.call("Put", key=b"k%05d" % n, value=os.urandom(100_000), timeout=10)
                acknowledged.append(b"k%05d" % n)
            except grpc.RpcError as error:
                failure = error
        assert failure is not None, "the disk never filled"
        print(f"{len(acknowledged)} puts, then {failure.code().name}: {failure.details()}; running: {stopped.running()}")
        time.sleep(2)
        if stopped.running():
            assert client.call("Range", key=b"first", serializable=True).count == 1, "reads go on"
        else:
            assert 0 < stopped.process.returncode < 128, f"status {stopped.process.returncode}"
            assert "space" in stopped.log().lower(), stopped.log_tail()
        client.close()
        stopped.kill()
        ballast.unlink()
        stopped.start()
        client = Client(stopped.address)
        there = {pair.key for pair in client.call("Range", key=b"k", range_end=b"l", keys_only=True).kvs}
        assert not set(acknowledged) - there
        client.call("Alarm", action="DEACTIVATE", alarm="NOSPACE", memberID=client.call("Status").header.member_id)
        client.call("Put", key=b"after", value=b"1")
        client.close()
    finally:
        stopped.kill()
        unmount(stopped.data)
