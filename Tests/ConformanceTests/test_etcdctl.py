"""The official etcdctl, both releases, against ours and against the reference: same output, same exit status."""

import os
import re
import signal
import subprocess
import threading
import time

import pytest

from etcdtest import paths
from etcdtest.pair import http
from etcdtest.waiting import PATIENCE, until

CTLS = sorted((name for name, program in paths.ETCDCTLS.items() if program.exists()), key=len, reverse=True)


@pytest.fixture(params=CTLS)
def ctl(request):
    return paths.ETCDCTLS[request.param]


def environment():
    return {k: v for k, v in os.environ.items() if not k.startswith("ETCD")} | {"ETCDCTL_API": "3"}


def masked(side, text: str) -> str:
    """Without what is time or identity: addresses, ids, terms, raft indexes, sizes, versions, durations."""
    header = side.client.call("Status").header
    for number, word in ((header.member_id, "<member>"), (header.cluster_id, "<cluster>")):
        text = text.replace(f"{number:x}", word).replace(str(number), word)
    for old, new in ((side.server.endpoint, "<client url>"), (side.server.peer_url, "<peer url>"), (side.server.address, "<client>")):
        text = text.replace(old, new)
    text = re.sub(r'("?(?:raft_?[tT]erm|RaftTerm|raftIndex|RaftIndex|raftAppliedIndex|RaftAppliedIndex)"? ?: ?)\d+', r"\1<n>", text)
    text = re.sub(r"took (= )?[\d.]+(ns|µs|ms|s)", "took <time>", text)
    text = re.sub(r'"took": ?"[^"]+"', '"took":"<time>"', text)
    text = re.sub(r'"Took" : "[^"]+"', '"Took" : "<time>"', text)
    # Log lines on standard error: place and time.
    text = re.sub(r'"ts":"[^"]+"', '"ts":"<time>"', text)
    text = re.sub(r"etcd-endpoints://0x[0-9a-f]+/", "etcd-endpoints://<pointer>/", text)
    text = re.sub(r"remaining\(\d+s\)", "remaining(<n>s)", text)
    # The id of a lease that the server chose.
    text = re.sub(r"\b[0-9a-f]{16}\b", "<id>", text)
    return text


def run(side, ctl, arguments, stdin=""):
    done = subprocess.run(
        [ctl, "--endpoints", side.server.address, *arguments], input=stdin, capture_output=True, text=True, timeout=PATIENCE,
        env=environment())
    return {"exit": done.returncode, "out": masked(side, done.stdout), "err": masked(side, done.stderr)}


def same(both, ctl, *arguments, stdin="", change=lambda text: text):
    results = both.each(lambda side: run(side, ctl, arguments, stdin))
    for result in results:
        result["out"] = change(result["out"])
    both.same("etcdctl " + " ".join(arguments), *results)
    return results[0]


@pytest.fixture
def filled(both):
    for key, value in ((b"a", b"1"), (b"b", b"2"), (b"ab", b"3"), (b"b", b"22"), (b"c", b"zz"), (b"d", b"")):
        both.put(key, value)
    both.delete(b"d")
    return both


# Every format with the newer release, the everyday one with the older too.
@pytest.fixture(params=[(name, writer) for name in CTLS for writer in ("simple", "json", "fields") if name == CTLS[0] or writer == "simple"],
                ids="-".join)
def ctl_and_writer(request):
    return paths.ETCDCTLS[request.param[0]], request.param[1]


@pytest.mark.parametrize("arguments", [
    ["put", "k", "v"], ["put", "k", "v", "--prev-kv"], ["put", "b", "v", "--prev-kv"], ["put", "k"], ["put"], ["put", "", "v"],
    ["put", "b", "--ignore-value"], ["put", "k", "--ignore-value"], ["put", "k", "v", "--ignore-lease"], ["put", "k", "v", "--lease=1a"],
    ["put", "b", "x", "--ignore-lease"], ["put", "b", "x", "--ignore-value"], ["put", "--", "-k", "-v"],
], ids=" ".join)
def test_put(filled, ctl_and_writer, arguments):
    ctl, writer = ctl_and_writer
    same(filled, ctl, *arguments, "-w", writer) if "--" not in arguments else same(filled, ctl, "-w", writer, *arguments)
    filled.range(b"\0", b"\0")


def test_put_from_standard_input(both, ctl):
    same(both, ctl, "put", "k", stdin="from a pipe\n")
    both.range(b"k")


@pytest.mark.parametrize("arguments", [
    ["get", "a"], ["get", "missing"], ["get", ""], ["get", "", "--prefix"], ["get", "a", "--prefix"], ["get", "a", "c"],
    ["get", "b", "--from-key"], ["get", "", "--from-key"], ["get", "", "--from-key", "--limit=2"], ["get", "a", "--print-value-only"],
    ["get", "", "--prefix", "--keys-only"], ["get", "", "--prefix", "--count-only"], ["get", "", "--prefix", "--limit=1"],
    ["get", "", "--prefix", "--order=descend"], ["get", "", "--prefix", "--sort-by=value", "--order=ascend"],
    ["get", "", "--prefix", "--sort-by=modify", "--order=descend"], ["get", "", "--prefix", "--sort-by=create"],
    ["get", "a", "--consistency=s"], ["get", "a", "--consistency=x"], ["get", "b", "--rev=3"], ["get", "b", "--rev=999999"],
    ["get", "a", "--hex"], ["get", "a", "c", "--prefix"], ["get"], ["get", "a", "--sort-by=nonsense"],
    ["get", "a", "--order=nonsense"], ["get", "", "--prefix", "--limit=2", "--order=descend", "--sort-by=key"],
], ids=" ".join)
def test_get(filled, ctl_and_writer, arguments):
    ctl, writer = ctl_and_writer
    same(filled, ctl, *arguments, "-w", writer)


@pytest.mark.parametrize("arguments", [
    ["del", "a"], ["del", "missing"], ["del", "a", "c"], ["del", "", "--prefix"], ["del", "a", "--prefix"], ["del", "b", "--from-key"],
    ["del", "a", "--prev-kv"], ["del", "", "--prefix", "--prev-kv"], ["del"], ["del", ""], ["del", "a", "b", "--prefix"],
], ids=" ".join)
def test_del(filled, ctl_and_writer, arguments):
    ctl, writer = ctl_and_writer
    same(filled, ctl, *arguments, "-w", writer)
    filled.range(b"\0", b"\0")


@pytest.mark.parametrize("text", [
    'value("a") = "1"\n\nput x "yes"\nget x\n\nput x "no"\n\n',
    'value("a") = "2"\n\nput x "yes"\n\nput x "no"\nget a b\ndel b\n\n',
    'mod("b") > "0"\nver("b") = "2"\ncreate("missing") = "0"\n\nget b\n\n\n',
    'ver("a") < "2"\n\nget a --keys-only\n\n\n',
    '\n\n\n',
    '\nput x 1\nput x 2\n\n\n',
    'nonsense\n\n\n\n',
    'value("a") < "5"\n\nnonsense\n\n\n',
    '\nget --prefix a\nget "" --from-key --limit=2\n\n\n',
])
def test_txn(filled, ctl_and_writer, text):
    ctl, writer = ctl_and_writer
    same(filled, ctl, "txn", "-w", writer, stdin=text)
    filled.range(b"\0", b"\0")


def test_compaction(filled, ctl):
    revision = filled.revision
    same(filled, ctl, "compaction", str(revision - 2))
    same(filled, ctl, "compaction", str(revision - 1), "--physical")
    same(filled, ctl, "compaction", str(revision - 1))
    same(filled, ctl, "compaction", str(revision + 100))
    same(filled, ctl, "compaction", "nonsense")
    same(filled, ctl, "get", "a", f"--rev={revision - 4}")


def test_leases(both, ctl):
    granted = both.each(lambda side: run(side, ctl, ["lease", "grant", "500"]))
    both.same("lease grant", *granted)
    same(both, ctl, "lease", "grant", "nonsense")
    same(both, ctl, "lease", "grant", "99999999999")
    both.ok("LeaseGrant", TTL=600, ID=0x1234)
    both.ok("LeaseGrant", TTL=700, ID=0x1235)
    both.put(b"k1", b"v", lease=0x1234)
    same(both, ctl, "lease", "timetolive", "1234")
    same(both, ctl, "lease", "timetolive", "1234", "--keys")
    same(both, ctl, "lease", "timetolive", "9999")
    for writer in ("json", "fields"):
        same(both, ctl, "lease", "timetolive", "1234", "--keys", "-w", writer, change=lambda t: re.sub(r'("?\bTTL"? ?: ?)\d+', r"\1<n>", t))
    same(both, ctl, "lease", "list", change=lambda t: "\n".join(sorted(t.splitlines())))
    same(both, ctl, "lease", "keep-alive", "--once", "1234")
    same(both, ctl, "lease", "keep-alive", "--once", "9999")
    same(both, ctl, "put", "k2", "v", "--lease=1235")
    same(both, ctl, "get", "k2", "-w", "json")
    same(both, ctl, "lease", "revoke", "1234")
    same(both, ctl, "lease", "revoke", "1234")
    same(both, ctl, "lease", "revoke", "nonsense")
    same(both, ctl, "get", "k1")


class Running:
    """etcdctl that watches until it is interrupted."""

    def __init__(self, side, ctl, arguments, stdin=None):
        self.side = side
        self.read = {"out": "", "err": ""}
        self.process = subprocess.Popen(
            [ctl, "--endpoints", side.server.address, *arguments], stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
        if stdin:
            self.process.stdin.write(stdin)
            self.process.stdin.flush()
        self.readers = [
            threading.Thread(target=self._read, args=(name, pipe), daemon=True)
            for name, pipe in (("out", self.process.stdout), ("err", self.process.stderr))]
        for reader in self.readers:
            reader.start()

    def _read(self, name, pipe):
        while piece := os.read(pipe.fileno(), 65536):
            self.read[name] += piece.decode()

    def so_far(self):
        return {name: masked(self.side, text) for name, text in self.read.items()}

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=PATIENCE)
        for reader in self.readers:
            reader.join(PATIENCE)
        if self.process.stdin:
            self.process.stdin.close()
        return self.so_far()


def watchers(side) -> int:
    _, _, metrics = http(side.server.endpoint + "/metrics")
    return round(float(re.search(r"^etcd_debugging_mvcc_watcher_total (\S+)$", metrics, re.M).group(1)))


def wait_for_watchers(both, count):
    until(lambda: all(watchers(side) == count for side in both.sides), lambda: f"{count} watchers on both: {both.each(watchers)}")


def same_in_the_end(both, what, running, change=lambda said: said):
    """Both print alike: after a while, for either may be late, and still when they have ended."""
    quiet, end = 0, time.monotonic() + 20
    while quiet < 8 and time.monotonic() < end:
        time.sleep(0.1)
        told = [change(one.so_far()) for one in running]
        quiet = quiet + 1 if told[0] == told[1] and all(any(one.read.values()) for one in running) else 0
    both.same(what, *[change(one.end()) for one in running])


@pytest.mark.parametrize("arguments", [
    ["watch", "a"], ["watch", "", "--prefix"], ["watch", "a", "c"], ["watch", "a", "--prev-kv"], ["watch", "b", "--prefix", "--prev-kv"],
    ["watch", "a", "--rev=2"], ["watch", "a", "-w", "json"], ["watch", "", "--prefix", "-w", "fields"],
    ["watch", "a", "--progress-notify"],
], ids=" ".join)
def test_watch(both, ctl, arguments):
    wait_for_watchers(both, 0)
    running = both.each(lambda side: Running(side, ctl, arguments))
    if "--rev=2" not in arguments:
        # From the past there is nothing to miss, and where that has been compacted there is no watcher.
        wait_for_watchers(both, 1)
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    both.put(b"a", b"2")
    both.delete(b"a")
    same_in_the_end(both, "etcdctl " + " ".join(arguments), running)


def test_watch_interactively(both, ctl):
    wait_for_watchers(both, 0)
    running = both.each(lambda side: Running(side, ctl, ["watch", "-i"], stdin="watch a\nwatch b c --prev-kv\n"))
    wait_for_watchers(both, 2)
    both.put(b"a", b"1")
    both.put(b"b", b"1")
    both.put(b"b", b"2")
    same_in_the_end(both, "etcdctl watch -i", running, lambda said: sorted(said["out"].splitlines()))


def test_defrag(filled, ctl):
    same(filled, ctl, "defrag")
    filled.range(b"\0", b"\0")


def columns(text, keep):
    """Of `-w simple` lines "a, b, c": only these columns."""
    return [[cell for n, cell in enumerate(line.split(", ")) if n in keep] for line in text.splitlines()]


def test_endpoint_health(both, ctl):
    same(both, ctl, "endpoint", "health")
    same(both, ctl, "endpoint", "health", "--cluster")
    same(both, ctl, "endpoint", "health", "-w", "json")


def test_endpoint_status(filled, ctl):
    # endpoint, member id, version, size, leader, learner, term, index, applied, errors
    results = filled.each(lambda side: run(side, ctl, ["endpoint", "status"]))
    filled.same("etcdctl endpoint status", *[
        (r["exit"], r["err"], [len(line.split(", ")) for line in r["out"].splitlines()], columns(r["out"], {0, 1, 4, 5, 9}))
        for r in results])
    assert columns(results[1]["out"], {2})[0][0].startswith("3.6.")


def test_endpoint_hashkv(filled, ctl):
    same(filled, ctl, "endpoint", "hashkv", change=lambda t: re.sub(r"[^,\n]*\b3\.\d\.\d+.*", "", t))
    same(filled, ctl, "endpoint", "hashkv", f"--rev={filled.revision - 2}")
    same(filled, ctl, "endpoint", "hashkv", "--rev=99999999")


def test_alarms(both, ctl):
    same(both, ctl, "alarm", "list")
    same(both, ctl, "alarm", "disarm")
    for side in both.sides:
        side.client.call("Alarm", action="ACTIVATE", alarm="NOSPACE", memberID=side.client.call("Status").header.member_id)
    same(both, ctl, "alarm", "list")
    same(both, ctl, "put", "k", "v")
    same(both, ctl, "endpoint", "health")
    same(both, ctl, "alarm", "disarm")
    same(both, ctl, "alarm", "list")
    same(both, ctl, "put", "k", "v")


@pytest.mark.parametrize("writer", ["simple", "table", "json", "fields"])
def test_member_list(both, ctl, writer):
    same(both, ctl, "member", "list", "-w", writer, change=lambda t: re.sub(r" +|[-+]+", " ", t))


def test_move_leader_fails_with_one_member(both, ctl):
    same(both, ctl, "move-leader", "1")


def test_elect_lock_and_user_commands_answer_alike_or_unimplemented(both, ctl):
    """Auth, lock and election come later: ours must refuse them in gRPC's way, not hang or drop the connection."""
    for arguments in (["user", "list"], ["auth", "status"], ["role", "list"]):
        result = run(both.ours, ctl, arguments)
        assert result["exit"] == 0 or "nimplemented" in result["err"] or "unknown" in result["err"], result


@pytest.mark.parametrize("count", [3, 400])
def test_snapshot_save_status_and_restore(both, ctl, count, tmp_path):
    from etcdtest import ops
    from etcdtest.server import Server
    for start in range(0, count, 100):
        both.txn(success=[ops.put(b"s%04d" % n, b"value %d" % n) for n in range(start, min(start + 100, count))])
    both.delete(b"s0001")
    both.put(b"s0002", b"changed")
    revision = both.revision
    file = tmp_path / "ours.db"
    done = subprocess.run(
        [ctl, "--endpoints", both.ours.server.address, "snapshot", "save", file], capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr
    assert f"Snapshot saved at {file}" in done.stdout

    status = subprocess.run([paths.ETCDUTL, "snapshot", "status", file, "-w", "fields"], capture_output=True, text=True)
    assert status.returncode == 0, status.stderr
    assert f'"Revision" : {revision}' in status.stdout

    data = tmp_path / "restored"
    restored = subprocess.run(
        [paths.ETCDUTL, "snapshot", "restore", file, "--data-dir", data / "data"], capture_output=True, text=True)
    assert restored.returncode == 0, restored.stderr
    with Server(paths.REFERENCE, label="reference on our snapshot", directory=data) as server:
        server.start()
        from etcdtest.rpc import Client
        client = Client(server.address)
        there = client.call("Range", key=b"\0", range_end=b"\0")
        here = both.ours.client.call("Range", key=b"\0", range_end=b"\0")
        assert there.kvs == here.kvs
        assert there.header.revision == revision
        assert client.call("HashKV").hash == both.reference.client.call("HashKV").hash
        client.close()
