"""The same requests to two clusters, one of the official etcd and one of ours, with the answers compared.

Members are called by their names, which are the same on both sides; ids and addresses are each side's own and read as names.
"""

import grpc

from .canonical import canonical
from .cluster import Cluster
from .pair import Answer, Compared, answer
from .waiting import until


class ClusterSide:
    def __init__(self, label: str, cluster: Cluster):
        self.label, self.cluster = label, cluster
        # Members that are on the list without running, and those that are no longer on it.
        self.ids: dict[str, int] = {}
        self.urls: dict[str, str] = {}

    def member(self, name: str):
        if name == "leader":
            return self.cluster.leader()
        if name == "follower":
            return self.cluster.followers()[0]
        return next(member for member in self.cluster.members if member.name == name)

    def id(self, name: str) -> int:
        if name not in self.ids:
            self.ids[name] = self.member(name).id
        return self.ids[name]

    def words(self) -> list[tuple[str, str]]:
        """What stands for this side's own addresses and ids, longest first."""
        words = {}
        for member in self.cluster.members:
            words[member.endpoint], words[member.peer_url] = f"<client url of {member.name}>", f"<peer url of {member.name}>"
            words[member.address] = f"<address of {member.name}>"
            words[f"{member.host}:{member.peer_port}"] = f"<peer address of {member.name}>"
            if member._id is not None:
                self.ids[member.name] = member._id
        for url, name in self.urls.items():
            words[url] = f"<peer url of {name}>"
        for name, number in self.ids.items():
            words[f"{number:x}"], words[str(number)] = f"<id of {name}>", f"<id of {name}>"
        return sorted(words.items(), key=lambda item: -len(item[0]))

    def text(self, value: str) -> str:
        for old, new in self.words():
            value = value.replace(old, new)
        return value

    def resolve(self, value):
        """A function of the side stands for each side's own value."""
        return value(self) if callable(value) else value


class ClusterPair(Compared):
    def __init__(self, founded, size=3, reference="3.5.16", ours="ours", flags=(), election=2000, **options):
        """`founded` makes clusters that end with the test. The election timeout is one that a machine can stand still for."""
        super().__init__()
        self.sides = [
            ClusterSide("reference", founded(*[reference] * size, start=False, flags=flags, election=election, **options)),
            ClusterSide("ours", founded(*[ours] * size, start=False, flags=flags, election=election, **options))]
        for side in self.sides:
            side.cluster.spawn()
        for side in self.sides:
            for member in side.cluster.members:
                member.wait_ready()
            side.cluster.leader()
            for member in side.cluster.members:
                side.id(member.name)

    # Unary calls

    def answers(self, method: str, at="leader", **fields) -> list[Answer]:
        """`at` names the member that is asked."""
        return self.each(lambda side: side.member(at).answer(method, **{k: side.resolve(v) for k, v in fields.items()}))

    def plain(self, answers, ignore=()) -> list:
        return [
            {"code": a.code, "details": side.text(a.details)} if a.code != "OK" else _plain(a.reply, side, ignore)
            for side, a in zip(self.sides, answers)]

    def call(self, method: str, at="leader", ignore=(), **fields) -> list[Answer]:
        answers = self.answers(method, at, **fields)
        self.same(f"{method} at {at} {sorted(fields)}", *self.plain(answers, ignore))
        return answers

    def ok(self, method: str, at="leader", **fields) -> list:
        answers = self.call(method, at, **fields)
        assert answers[0].code == "OK", f"{method} failed on both: {answers[0]}"
        return [a.reply for a in answers]

    def fails(self, method: str, code: str, details: str, at="leader", **fields) -> None:
        """Both refuse in these words. A cluster that has not yet noticed is asked again, so the request must have no effect there
        either."""
        wanted = {"code": code, "details": details}

        def refused():
            for _, plain in zip(self.sides, self.plain(self.answers(method, at, **fields))):
                if plain != wanted:
                    told.append(plain)
                    return False
            return True
        told = []
        self.trail.append(f"{method} at {at} {sorted(fields)} fails")
        until(refused, lambda: f"both refuse {method} at {at} with {code} {details!r}; they say {self.plain(self.answers(method, at, **fields))}")

    def changed(self, method: str, at="leader", **fields) -> list:
        """A change of the member list on both, each as soon as its cluster is healthy enough; the answers are compared."""
        answers = []
        for side in self.sides:
            def attempt():
                got = side.member(at).answer(method, **{k: side.resolve(v) for k, v in fields.items()})
                return None if any(t in got.details for t in NOT_YET) else got
            answers.append(until(attempt, f"{method} by the {side.label}", pause=0.2))
        for side, got in zip(self.sides, answers):
            if got.code == "OK" and method == "MemberAdd":
                side.cluster.numbers += 1
                name = f"m{side.cluster.numbers}"
                side.ids[name] = got.reply.member.ID
                for url in got.reply.member.peerURLs:
                    side.urls[url] = name
        self.same(f"{method} at {at} {sorted(fields)}", *self.plain(answers))
        assert answers[0].code == "OK", f"{method} failed on both: {answers[0]}"
        return [a.reply for a in answers]


NOT_YET = ("unhealthy cluster", "not enough started members", "in sync with leader")


def _plain(reply, side: ClusterSide, ignore):
    plain = canonical(reply, side, frozenset(ignore))
    if "members" in plain:
        ids = [member.ID for member in reply.members]
        assert ids == sorted(ids), f"{side.label}: members are not in the order of their ids"
        # In the order of their names, because ids are each side's own.
        plain["members"] = sorted(plain["members"], key=lambda member: (member.get("name", ""), member.get("peerURLs", [])))
    return plain


# For `canonical`, which asks for the names of leases.
ClusterSide.leases = {}


def stream_answer(function) -> Answer:
    """The first message of a stream, or its error."""
    try:
        return Answer(reply=next(iter(function())))
    except StopIteration:
        return Answer()
    except grpc.RpcError as error:
        return Answer(code=error.code().name, details=error.details())
