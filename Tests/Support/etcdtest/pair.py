"""Sends every request to two servers, the reference and ours, and insists on equal answers."""

import contextlib
import dataclasses
import os
import urllib.request
import urllib.error

import grpc

from . import paths
from .canonical import Renaming, canonical
from .rpc import UNARY, Client
from .server import Server
from .waiting import PATIENCE, until


@dataclasses.dataclass
class Answer:
    """What one server said: a message, or a status code with its text."""

    reply: object = None
    code: str = "OK"
    details: str = ""

    def plain(self, names: Renaming, ignore=frozenset()):
        if self.code != "OK":
            return {"code": self.code, "details": names.text(self.details)}
        return canonical(self.reply, names, ignore)


def answer(function) -> Answer:
    try:
        return Answer(reply=function())
    except grpc.RpcError as error:
        return Answer(code=error.code().name, details=error.details())


class Lease:
    """A lease whose id each server chose for itself."""

    def __init__(self, reference: int, ours: int):
        self.ids = {"reference": reference, "ours": ours}


class Side:
    def __init__(self, label: str, server: Server):
        self.label = label
        self.server = server
        self.client = Client(server.address)
        self.names = Renaming()
        self.names.texts = [(server.endpoint, "<client url>"), (server.peer_url, "<peer url>")]

    def resolve(self, value):
        return value.ids[self.label] if isinstance(value, Lease) else value

    def close(self) -> None:
        self.client.close()
        self.server.close()


class Difference(AssertionError):
    pass


class Compared:
    """Two sides, the reference's first, whose answers have to be equal."""

    def __init__(self):
        self.sides: list = []
        # What has been compared, for the report of a difference.
        self.trail: list[str] = []

    @property
    def reference(self):
        return self.sides[0]

    @property
    def ours(self):
        return self.sides[1]

    def each(self, function) -> list:
        return [function(side) for side in self.sides]

    def same(self, what: str, reference, ours) -> None:
        self.trail.append(what)
        if reference != ours:
            trail = "\n  ".join(self.trail[-12:])
            raise Difference(f"{what}\n  reference: {reference}\n  ours:      {ours}\nafter\n  {trail}")


class Pair(Compared):
    def __init__(self, flags=(), ours_flags=(), reference=None, ours=None):
        super().__init__()
        self.flags = list(flags)
        self.ours_flags = list(ours_flags)
        self.programs = {"reference": reference or paths.REFERENCE, "ours": ours or paths.OURS}
        # Whether their histories differ in what each chose (lease ids, the order of calls at once): then their hashes do, too.
        self.own_ids = False

    def start(self) -> "Pair":
        servers = [
            Server(self.programs["reference"], label="reference", flags=self.flags),
            Server(self.programs["ours"], label="ours", flags=[*self.flags, *self.ours_flags]),
        ]
        try:
            for server in servers:
                server.spawn()
            for server in servers:
                server.wait_ready()
        except BaseException:
            for server in servers:
                server.close()
            raise
        self.own_ids = False
        self.sides = [Side(server.label, server) for server in servers]
        return self

    def close(self) -> None:
        for side in self.sides:
            side.close()
        self.sides = []

    def restart_fresh(self) -> None:
        self.close()
        self.start()

    # Comparing.

    def call(self, method: str, ignore=(), metadata=None, timeout=PATIENCE, **fields):
        """Sends one unary request to both. Returns the reference's Answer, which ours has been found equal to."""
        answers = self.answers(method, metadata=metadata, timeout=timeout, **fields)
        self.compare(method, fields, answers, ignore)
        return answers[0]

    def answers(self, method: str, metadata=None, timeout=PATIENCE, **fields) -> list[Answer]:
        def ask(side):
            request = UNARY[method][1](**{k: side.resolve(v) for k, v in fields.items()})
            return answer(lambda: side.client.call(method, request, timeout=timeout, metadata=metadata))
        return self.each(ask)

    def compare(self, method, fields, answers, ignore=()) -> None:
        ignore = frozenset(ignore)
        described = ", ".join(f"{k}={_short(v)}" for k, v in fields.items())
        plain = [a.plain(s.names, ignore) for s, a in zip(self.sides, answers)]
        self.same(f"{method}({described})", *plain)

    def ok(self, method: str, **fields):
        """As `call`, and the answer must not be an error."""
        got = self.call(method, **fields)
        assert got.code == "OK", f"{method} failed on both: {got.code} {got.details}"
        return got.reply

    def fails(self, code: str, details: str, method: str, **fields) -> None:
        """As `call`, and both must answer this error."""
        got = self.call(method, **fields)
        assert (got.code, got.details) == (code, details), f"{method}: {got}"

    def raw(self, path: str, body: bytes, metadata=None) -> Answer:
        answers = self.each(lambda side: answer(lambda: side.client.raw(path, body, metadata=metadata)))
        self.same(f"raw {path} {body[:40]!r}", *[
            {"code": a.code, "details": a.details} for a in answers])
        return answers[0]

    # The words of the tests.

    def put(self, key, value=b"", **options):
        return self.ok("Put", key=key, value=value, **options)

    def range(self, key, range_end=b"", **options):
        return self.ok("Range", key=key, range_end=range_end, **options)

    def delete(self, key, range_end=b"", **options):
        return self.ok("DeleteRange", key=key, range_end=range_end, **options)

    def txn(self, compare=(), success=(), failure=()):
        return self.ok("Txn", compare=list(compare), success=list(success), failure=list(failure))

    def grant(self, ttl: int) -> Lease:
        """A lease with an id of each server's choice. The answers are compared but for that id."""
        answers = self.answers("LeaseGrant", TTL=ttl)
        self.own_ids = True
        name = f"<lease {len(self.reference.names.leases)}>"
        for side, got in zip(self.sides, answers):
            assert got.code == "OK", f"LeaseGrant: {side.label}: {got}"
            assert got.reply.ID > 0
            side.names.leases[got.reply.ID] = name
        self.compare("LeaseGrant", {"TTL": ttl}, answers)
        return Lease(answers[0].reply.ID, answers[1].reply.ID)

    @property
    def revision(self) -> int:
        replies = self.each(lambda side: side.client.call("Range", key=b"\0", count_only=True).header.revision)
        self.same("revision", *replies)
        return replies[0]

    def in_step(self) -> bool:
        try:
            replies = self.each(lambda side: side.client.call("Range", key=b"\0", count_only=True).header.revision)
        except grpc.RpcError:
            return False
        return replies[0] == replies[1]

    def same_hash(self) -> None:
        """The whole history is the same, byte for byte, whatever answers a case has looked at.

        A hash at a compaction's own revision tells the earlier compaction only once the later one is done, so it is asked for
        until it does.
        """
        def alike():
            plain = [a.plain(s.names, frozenset(("hash_revision",)))
                     for s, a in zip(self.sides, self.answers("HashKV", revision=self.revision))]
            return plain[0] == plain[1]
        with contextlib.suppress(AssertionError):
            until(alike, "the same hash", deadline=20)
        self.call("HashKV", revision=self.revision, ignore=("hash_revision",))

    def clean(self) -> None:
        """No keys, no leases, no alarms: where every case begins. Starts anew when the two have parted."""
        self.trail = []
        if not self.sides:
            self.start()
        if not self.in_step():
            self.restart_fresh()
        self.call("DeleteRange", key=b"\0", range_end=b"\0")
        for side in self.sides:
            for held in side.client.call("LeaseLeases").leases:
                side.client.call("LeaseRevoke", ID=held.ID)
            side.names.leases.clear()
        self.trail = []

    def http(self, path: str, method="GET", body=None, headers=None) -> list[tuple[int, dict, str]]:
        return self.each(lambda side: http(side.server.endpoint + path, method, body, headers))


def http(url: str, method="GET", body=None, headers=None) -> tuple[int, dict, str]:
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE) as response:
            return response.status, dict(response.headers), response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def _short(value) -> str:
    text = repr(value) if not hasattr(value, "DESCRIPTOR") else str(value).replace("\n", " ")
    if isinstance(value, (list, tuple)):
        text = "[" + "; ".join(str(v).replace("\n", " ") for v in value) + "]"
    return text if len(text) <= 400 else text[:400] + "…"


SEED = int(os.environ.get("SEED", "0")) or int.from_bytes(os.urandom(4), "big")
