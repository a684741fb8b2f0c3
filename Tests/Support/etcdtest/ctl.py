"""Runs etcdctl, ours and the official one, and masks in its output what differs from run to run."""

import json
import os
import re
import signal
import subprocess
import sys

from . import paths
from .waiting import PATIENCE, until

CLIENTS = {"official": paths.ETCDCTLS["3.5.1"], "ours": paths.ETCDCTL}

REVISION = re.compile(r'(compacted revision |"?(?:Revision|revision|CreateRevision|create_revision|ModRevision|mod_revision|compact_revision|'
                      r'PrevCreateRevision|PrevModRevision|CompactRevision)"? ?: ?)(-?\d+)')


def environment(extra=None):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
    return kept | {"ETCDCTL_API": "3"} | (extra or {})


class Masks:
    """What stands for what: `base` is the store's revision when the story began, and revisions count from it."""

    def __init__(self, side, base=0):
        self.side, self.base = side, base
        header = side.client.call("Status").header
        self.words = [(str(header.member_id), "<member>"), (f"{header.member_id:x}", "<member>"),
                      (str(header.cluster_id), "<cluster>"), (f"{header.cluster_id:x}", "<cluster>"),
                      (side.server.endpoint, "<client url>"), (side.server.peer_url, "<peer url>"), (side.server.address, "<client>")]

    def text(self, text):
        text = "".join(self.line(line) for line in text.splitlines(keepends=True))
        for old, new in self.words:
            text = text.replace(old, new)
        text = REVISION.sub(self._revision, text)
        text = re.sub(r'("?(?:raft_?[tT]erm|RaftTerm|raftIndex|RaftIndex|raftAppliedIndex|RaftAppliedIndex|dbSize|dbSizeInUse|DBSize)"? ?: ?)\d+',
                      r"\1<n>", text)
        text = re.sub(r'"version":"[^"]+"|"Version" : "[^"]+"', '"version":"<version>"', text)
        text = re.sub(r'("took":"|"Took" : |took = )[\d.]+(ns|µs|ms|s)', r"\1<time>", text)
        text = re.sub(r"remaining\(\d+s\)|\"(ttl|TTL)\" ?: ?\d+", "<ttl>", text)
        return text

    def _revision(self, match):
        number = int(match[2])
        return match[1] + (f"<base+{number - self.base}>" if number >= self.base > 0 else match[2])

    def line(self, line):
        """A log line: what it says, without when and where in whose program."""
        if not line.startswith('{"level"'):
            return line
        fields = json.loads(line)
        for name in ("ts", "caller", "logger", "stacktrace", "took", "size", "version"):
            fields.pop(name, None)
        # Whether a connection was tried before the time was up depends on the machine.
        if "DeadlineExceeded" in fields.get("error", ""):
            fields["error"] = "DeadlineExceeded"
        if "target" in fields:
            fields["target"] = re.sub(r"^etcd-endpoints://(0x[0-9a-f]+/)?", "", fields["target"])
        return json.dumps(fields, sort_keys=True) + "\n"


def run(client, side, arguments, *, stdin="", env=None, endpoints=None, cwd=None):
    """One command. `endpoints` None: the side's server; empty: none given."""
    env = dict(env or {})
    # Where the time is not what is tested, a slow machine gets more of it. (3.5.1's move-leader takes no flag from the environment.)
    if not any(word.startswith("--command-timeout") for word in arguments) and "move-leader" not in arguments:
        env.setdefault("ETCDCTL_COMMAND_TIMEOUT", "60s")
    where = ["--endpoints", side.server.address if endpoints is None else endpoints] if endpoints != "" else []
    return subprocess.run(
        [CLIENTS[client], *arguments[:1], *where, *arguments[1:]] if arguments else [CLIENTS[client], *where], input=stdin.encode(),
        capture_output=True, timeout=PATIENCE, env=environment(env), cwd=cwd)


class Running:
    """A command that goes on until it is interrupted."""

    def __init__(self, client, side, arguments, *, env=None):
        self.process = subprocess.Popen(
            [CLIENTS[client], *arguments[:1], "--endpoints", side.server.address, *arguments[1:]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(env))
        self.output = b""
        os.set_blocking(self.process.stdout.fileno(), False)

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def wait_for(self, done, what):
        """Reads until `done(output)`."""
        def look():
            ended = self.process.poll() is not None
            try:
                self.output += self.process.stdout.read() or b""
            except BlockingIOError:
                pass
            return done(self.output) or ended
        until(look, what)
        if not done(self.output):
            raise AssertionError(f"{' '.join(map(str, self.process.args))} ended with {self.process.returncode} before {what}: "
                                 f"{self.output!r} {self.process.stderr.read()!r}")

    def interrupt(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        # Before its standard input ends, which would be another reason to go.
        self.process.wait(timeout=PATIENCE)
        return self.finish()

    def finish(self):
        os.set_blocking(self.process.stdout.fileno(), True)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.output + out, err


def clean(side):
    """No keys, leases or alarms. Returns the revision."""
    side.client.call("DeleteRange", key=b"\0", range_end=b"\0")
    for held in side.client.call("LeaseLeases").leases:
        side.client.call("LeaseRevoke", ID=held.ID)
    for alarm in side.client.call("Alarm").alarms:
        side.client.call("Alarm", action="DEACTIVATE", memberID=alarm.memberID, alarm=alarm.alarm)
    return side.client.call("Range", key=b"\0", count_only=True).header.revision


def four_alike(both, play_one):
    """What each etcdctl does on each server comes to the same."""
    both.own_ids = True
    got = {(side.label, client): play_one(client, side) for side in both.sides for client in ("official", "ours")}
    wanted = got["reference", "official"]
    for who, result in got.items():
        assert result == wanted, who


# A process of its own with one thread, because it forks.
TERMINAL = """
import fcntl, os, pty, struct, sys, termios
process, terminal = pty.fork()
if process == 0:
    # The size first: the command asks for it as soon as it runs.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    sys.stdout.buffer.write(piece)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""


def on_terminal(command, columns) -> str:
    """What a command prints on a terminal of its own."""
    done = subprocess.run(
        [sys.executable, "-c", TERMINAL, str(columns), *command], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
        env=environment())
    assert done.returncode == 0, done
    return done.stdout.decode()
