"""Our etcdctl while members die: watches go on without loss or repetition, leases stay alive, a pause ends nothing."""

import re
import types

import pytest

from etcdtest import ctl, paths
from etcdtest.rpc import Client
from etcdtest.server import Server


class Alone:
    """A single member of ours or the reference, with what `ctl` wants of a side."""

    def __init__(self, program):
        self.server = Server(program)
        self.server.start()
        self.client = Client(self.server.address)

    def restart(self, kill):
        if kill:
            self.server.kill()
        else:
            self.server.stop()
        self.server.start()
        self.client.close()
        self.client = Client(self.server.address)

    def put(self, first, last):
        for n in range(first, last + 1):
            self.client.call("Put", key=b"w%03d" % n, value=b"v")

    def close(self):
        self.client.close()
        self.server.close()


@pytest.fixture(params=["ours", "reference"])
def alone(request):
    made = Alone(paths.OURS if request.param == "ours" else paths.REFERENCE)
    yield made
    made.close()


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "stopped"])
def test_a_watch_sees_every_change_once_over_restarts(alone, kill):
    running = ctl.Running("ours", alone, ["watch", "w", "--prefix", "--rev=1"])
    total = 0
    for _ in range(4):
        alone.put(total + 1, total + 25)
        total += 25
        if total == 50:
            # While the watch is waiting, and while it is not: half the time it has seen everything before the restart.
            running.wait_for(lambda out: b"w050" in out, "the first fifty")
        alone.restart(kill)
    alone.put(total + 1, total + 1)
    running.wait_for(lambda out: b"w101" in out, "the last change")
    out, err = running.interrupt()
    assert err == b""
    assert re.findall(r"^w(\d+)$", out.decode(), re.M) == [f"{n:03}" for n in range(1, 102)]


def test_a_watch_that_is_compacted_away_while_the_member_is_down_says_so(alone):
    running = ctl.Running("ours", alone, ["watch", "w", "--prefix", "--rev=1"])
    alone.put(1, 1)
    running.wait_for(lambda out: b"w001" in out, "the first change")
    # The watch's own connection is cut, nobody else's: the process is paused and what it does not read is compacted away.
    alone.server.kill()
    listener = Server(alone.server.binary, directory=alone.server.directory)
    listener.start()
    other = Client(listener.address)
    for n in range(2, 30):
        other.call("Put", key=b"w%03d" % n, value=b"v")
    revision = other.call("Range", key=b"w", count_only=True).header.revision
    other.call("Compact", revision=revision, physical=True)
    other.close()
    listener.stop()
    alone.server.start()
    out, err = running.finish()
    assert running.process.returncode == 5
    assert err.decode().splitlines() == [
        "watch was canceled (etcdserver: mvcc: required revision has been compacted)", "Error: watch is canceled by the server"]
    assert b"w002" not in out


def test_a_lease_is_kept_alive_over_a_restart(alone):
    lease = alone.client.call("LeaseGrant", TTL=60).ID
    running = ctl.Running("ours", alone, ["lease", "keep-alive", f"{lease:x}"])
    running.wait_for(lambda out: out.count(b"keepalived") >= 1, "the first renewal")
    alone.restart(kill=True)
    running.wait_for(lambda out: out.count(b"keepalived") >= 2, "a renewal after the restart")
    out, err = running.interrupt()
    assert set(out.decode().splitlines()) == {f"lease {lease:016x} keepalived with TTL(60)"} and err == b""


@pytest.mark.parametrize("kind", ["ours", "3.5.16"])
def test_a_learner_among_the_endpoints_disturbs_no_command(clusters, kind):
    """It refuses nearly all, and what it refuses goes to the next. `make promote` failed now and then, when it was the first to answer."""
    cluster = clusters(kind)
    learner = cluster.join(kind, learner=True)
    side = types.SimpleNamespace(server=types.SimpleNamespace(address=f"{learner.address},{cluster.members[0].address}"))
    lease = ctl.run("ours", side, ["lease", "grant", "600"]).stdout.split()[1].decode()
    for number in range(10):
        for command in (["put", f"k{number}", "v"], ["get", f"k{number}"], ["member", "list"], ["lease", "timetolive", lease],
                        ["lease", "keep-alive", "--once", lease], ["lease", "list"], ["del", f"k{number}"]):
            done = ctl.run("ours", side, command)
            assert (done.returncode, done.stderr) == (0, b""), (command, done)
        watch = ctl.Running("ours", side, ["watch", "k", "--prefix", "--rev=2"])
        watch.wait_for(lambda out: b"k0" in out, "the first event")
        assert watch.interrupt()[1] == b""
