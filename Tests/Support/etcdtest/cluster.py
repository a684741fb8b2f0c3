"""A cluster of real processes on loopback: members of any kind beside each other, founded together or joined one by one.

Nothing here sleeps to be right: whatever should come about is waited for, with a deadline that only a failing run reaches.
"""

import contextlib
import pathlib
import queue
import re
import shutil
import signal
import tempfile
import threading

import grpc

from . import paths
from .pair import answer, http
from .rpc import Client, watch
from .server import NotReady, Server, free_port
from .waiting import PATIENCE, until

PROGRAMS = {"ours": paths.OURS, "3.5.16": paths.REFERENCE, "3.5.1": paths.ETCD_351}
# A member that is back is found at once, not after the second that a channel waits by default.
_RECONNECT = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200)]


def patiently(change):
    """A change of the member list. It is refused while a member has been connected for less than five seconds, or while one
    that was added is not known to have started."""
    def attempt():
        try:
            return change()
        except grpc.RpcError as error:
            if not any(text in error.details() for text in ("unhealthy cluster", "not enough started members")):
                raise Refused(error) from error
    try:
        return until(attempt, "a cluster that is healthy enough for a change of its members", pause=0.2)
    except Refused as refusal:
        raise refusal.args[0] from None


class Refused(BaseException):
    """Ends the waiting."""


class Member(Server):
    """One member. Its name, ports and directory stay the same over restarts."""

    def __init__(self, cluster, kind: str, name: str, host="127.0.0.1"):
        super().__init__(
            PROGRAMS[kind], label=f"{name} ({kind})", directory=cluster.directory / name, host=host,
            flags=[*cluster.flags, *cluster.kind_flags.get(kind, [])])
        self.directory.mkdir(exist_ok=True)
        self.cluster, self.kind, self.name = cluster, kind, name
        self.initial_cluster, self.state = "", "new"
        self.prefix: list[str] = []
        self._client = self._id = None

    def arguments(self) -> list[str]:
        return [
            *self.prefix, str(self.binary), "--name", self.name, "--data-dir", str(self.data),
            "--listen-client-urls", self.endpoint, "--advertise-client-urls", self.endpoint,
            "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
            "--initial-cluster", self.initial_cluster, "--initial-cluster-state", self.state,
            "--initial-cluster-token", self.cluster.token, *self.flags,
        ]

    def __repr__(self):
        return self.label

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = Client(self.address, options=_RECONNECT)
        return self._client

    def call(self, method: str, request=None, **fields):
        return self.client.call(method, request, **fields)

    def answer(self, method: str, **fields):
        """The reply or the error, as a value."""
        return answer(lambda: self.client.call(method, **fields))

    @property
    def id(self) -> int:
        if self._id is None:
            self._id = self.call("Status").header.member_id
        return self._id

    def put(self, key, value=b"", **fields):
        return self.call("Put", key=key, value=value, **fields)

    def get(self, key, **fields) -> bytes | None:
        found = self.call("Range", key=key, **fields).kvs
        return found[0].value if found else None

    @property
    def revision(self) -> int:
        """Of what this member has applied."""
        return self.call("Range", key=b"\0", count_only=True, serializable=True).header.revision

    def metric(self, name: str) -> float:
        """The sum over all labels."""
        lines = [line for line in http(self.endpoint + "/metrics")[2].splitlines() if re.match(re.escape(name) + r"[{ ]", line)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    @property
    def snapshots_received(self) -> float:
        """By this process."""
        return self.metric("etcd_network_snapshot_receive_success")

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def forget(self) -> None:
        """The disk is lost."""
        shutil.rmtree(self.data, ignore_errors=True)
        self._id = None

    def renew(self) -> None:
        """Other ports and an empty directory, before the member has ever been part of a cluster."""
        self.kill()
        self.client_port, self.peer_port = free_port(), free_port()
        self.drop_client()
        self.forget()

    def drop_client(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def close(self) -> None:
        if self.running():
            with contextlib.suppress(ProcessLookupError):
                self.resume()
        self.drop_client()
        super().close()


class Cluster:
    """`kinds` are the founding members'. `kind_flags` are flags that only one kind knows."""

    def __init__(self, kinds, *, flags=(), kind_flags=None, heartbeat=100, election=1000, token="cluster-of-a-test"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="etcd-cluster-"))
        self.token = token
        self.election_seconds = election / 1000
        self.flags = ["--heartbeat-interval", str(heartbeat), "--election-timeout", str(election), *flags]
        self.kind_flags = dict(kind_flags or {})
        self.numbers = 0
        self.members = [self._made(kind) for kind in kinds]

    def _made(self, kind: str, host="127.0.0.1") -> Member:
        self.numbers += 1
        return Member(self, kind, f"m{self.numbers}", host)

    # Starting

    def start(self) -> "Cluster":
        for last in (False, False, True):
            self.spawn()
            try:
                for member in self.members:
                    member.wait_ready()
                self.leader()
                return self
            except NotReady:
                clash = any("address already in use" in member.log().lower() for member in self.members)
                if last or not clash:
                    raise
                for member in self.members:
                    member.renew()
        return self

    def spawn(self) -> None:
        """Founds the cluster without waiting for it."""
        text = ",".join(f"{member.name}={member.peer_url}" for member in self.members)
        for member in self.members:
            member.initial_cluster = text
            member.spawn()

    def join(self, kind: str, learner=False, wait=True, flags=()) -> Member:
        """Adds a member to the list and starts it with an empty directory."""
        member = self.announce(kind, learner)
        member.flags += flags
        member.spawn()
        if wait:
            member.wait_ready()
        return member

    def announce(self, kind: str, learner=False) -> Member:
        """Adds a member to the list; it is for the caller to start it."""
        member = self._made(kind)
        added = patiently(lambda: self.any().call("MemberAdd", peerURLs=[member.peer_url], isLearner=learner))
        member.initial_cluster = ",".join(
            f"{one.name or member.name}={url}" for one in added.members for url in one.peerURLs)
        member.state = "existing"
        member._id = added.member.ID
        self.members.append(member)
        return member

    def remove(self, member: Member) -> None:
        through, identity = self.others(member)[0], member.id
        patiently(lambda: through.call("MemberRemove", ID=identity))
        self.members.remove(member)

    # Looking

    def running(self) -> list[Member]:
        return [member for member in self.members if member.running()]

    def any(self) -> Member:
        return self.running()[0]

    def others(self, *without: Member) -> list[Member]:
        return [member for member in self.running() if member not in without]

    def leader(self, among=None, other_than: Member | None = None) -> Member:
        """The member that all of `among` (those that run) take for the leader."""
        def agreed():
            asked = list(among or self.running())
            told = {member.call("Status", timeout=5).leader for member in asked}
            if len(told) != 1 or 0 in told:
                return None
            found = next((member for member in asked if member.id in told), None)
            return None if found is other_than else found
        return until(agreed, lambda: f"a leader of {self.members}:\n{self.tails()}")

    def followers(self) -> list[Member]:
        leader = self.leader()
        return [member for member in self.running() if member is not leader]

    def move_leader(self, to: Member) -> None:
        """`to` leads in the end; another election may come between."""
        def leads():
            leader = self.leader()
            if leader is to:
                return True
            leader.call("MoveLeader", targetID=to.id, timeout=20)
            return self.leader() is to
        until(leads, lambda: f"{to} leads:\n{self.tails()}")

    def wait_health(self, among=None) -> None:
        """Every running member answers a linearizable read."""
        for member in among or self.running():
            until(lambda: member.call("Range", key=b"\0", timeout=10), lambda: f"health of {member}:\n{member.log_tail()}")

    def same_hash(self, among=None) -> int:
        """Every running member has the same history. Returns the revision at which that was seen."""
        members = list(among or self.running())
        revision = until(lambda: members[0].call("Range", key=b"\0", count_only=True, timeout=10), "a linearizable read").header.revision
        for member in members:
            until(lambda: member.revision >= revision, lambda: f"revision {revision} at {member}, which has {member.revision}:\n{self.tails()}")
        # A member compacts when the order to do so has reached it, and the hash begins there.
        def hashes():
            told = {str(member): member.call("HashKV", revision=revision) for member in members}
            return {name: (one.hash, one.compact_revision) for name, one in told.items()}
        until(lambda: len({compacted for _, compacted in hashes().values()}) == 1, lambda: f"equal compact revisions: {hashes()}")
        found = hashes()
        assert len(set(found.values())) == 1, f"hashes at revision {revision} differ: {found}"
        return revision

    def tails(self, lines=5) -> str:
        return "\n".join(f"--- {member}, {'runs' if member.running() else 'ended'}\n{member.log_tail(lines)}"
                         for member in self.members if member.log_path.exists())

    # Ending

    def stop(self) -> None:
        for member in self.running():
            member.resume()
            member.signal(signal.SIGTERM)
        for member in self.members:
            if member.process:
                member.wait_exit()

    def close(self, keep_logs: pathlib.Path | None = None) -> None:
        for member in self.members:
            member.close()
        if keep_logs:
            for log in self.directory.glob("*/log"):
                keep_logs.mkdir(parents=True, exist_ok=True)
                shutil.copy(log, keep_logs / f"{log.parent.name}.log")
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_) -> None:
        self.close()


class Watching:
    """A watch on all keys at one member, taken up again where it ended when the member is back."""

    def __init__(self, member: Member, start=0):
        self.member, self.start = member, start
        # Revision -> its events, and the revisions in the order in which they were told.
        self.events: dict[int, list] = {}
        self.order: list[int] = []
        self.closing = threading.Event()
        self.created = threading.Event()
        self.call = None
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        assert self.created.wait(PATIENCE)

    def _read(self) -> None:
        client = Client(self.member.address, options=_RECONNECT)
        while not self.closing.is_set():
            requests = queue.Queue()
            first = self.order[-1] + 1 if self.order else self.start
            requests.put(watch.WatchRequest(create_request=watch.WatchCreateRequest(key=b"\0", range_end=b"\0", start_revision=first)))
            self.call = client.stream_stream("/etcdserverpb.Watch/Watch", watch.WatchRequest, watch.WatchResponse)(iter(requests.get, None))
            with contextlib.suppress(grpc.RpcError):
                for response in self.call:
                    if response.created and not response.canceled and not self.order and not self.start:
                        self.start = response.header.revision + 1
                    self.created.set()
                    self._take(response)
            requests.put(None)
            self.closing.wait(0.05)
        client.close()

    def _take(self, response) -> None:
        for event in response.events:
            revision = event.kv.mod_revision
            if not self.order or self.order[-1] != revision:
                self.order.append(revision)
            self.events.setdefault(revision, []).append(
                (event.type, event.kv.key, event.kv.value, event.kv.create_revision, event.kv.version, event.kv.lease))

    def wait(self, revision) -> None:
        until(lambda: self.order and self.order[-1] >= revision,
              lambda: f"events up to {revision} at {self.member}, there are {self.order[-3:]}")

    def close(self) -> None:
        self.closing.set()
        self.call.cancel()
        self.thread.join(PATIENCE)


class Writer(threading.Thread):
    """Puts without end, one at a time, at whatever member runs; remembers what was acknowledged."""

    def __init__(self, cluster: Cluster, name="w", pause=0.0):
        super().__init__(daemon=True)
        self.cluster, self.name, self.pause = cluster, name, pause
        self.acknowledged: dict[bytes, int] = {}
        self.stopping = threading.Event()
        self.start()

    def run(self) -> None:
        number = 0
        clients = {}
        while not self.stopping.is_set():
            members = self.cluster.members
            member = members[number % len(members)]
            number += 1
            client = clients.get(member.address) or clients.setdefault(member.address, Client(member.address, options=_RECONNECT))
            key = f"{self.name}/{number:07}".encode()
            with contextlib.suppress(grpc.RpcError):
                self.acknowledged[key] = client.call("Put", key=key, value=b"%d" % number, timeout=3).header.revision
            self.stopping.wait(self.pause)
        for client in clients.values():
            client.close()

    def wait_for(self, more: int) -> None:
        """Until so many more puts are acknowledged."""
        goal = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= goal, lambda: f"{more} more puts:\n{self.cluster.tails()}")

    def stop(self) -> None:
        self.stopping.set()
        self.join(PATIENCE)
        assert not self.is_alive()

    def check(self, member: Member) -> None:
        """What was acknowledged is there, at the revision that was told."""
        there = {
            row.key: row.mod_revision
            for row in member.call("Range", key=self.name.encode() + b"/", range_end=self.name.encode() + b"0", keys_only=True).kvs}
        lost = {key: revision for key, revision in self.acknowledged.items() if there.get(key) != revision}
        assert not lost, f"{len(lost)} acknowledged puts are lost or moved at {member}, such as {dict(list(lost.items())[:5])}"
