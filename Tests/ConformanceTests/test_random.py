"""Sequences of requests drawn from a seed: SEED=n repeats a run, and a case's name says which sequence it is."""

import random

import pytest

from differences import DIFFERENCES
from etcdtest import ops
from etcdtest.pair import SEED
from etcdtest.watching import WatchPair

KEYS = [b"a", b"aa", b"ab", b"b", b"ba", b"c", b"c\0", b"d", b"\xff"]
ENDS = [b"", b"", b"", b"b", b"c", b"d", b"\0", b"\xff", b"a", b"aa\0"]
VALUES = [b"", b"1", b"2", b"10", b"zz", b"\0\xff", b"x" * 300]
LEASES = [0, 0, 0, 0, 501, 502, 503]
TARGETS = ["VERSION", "CREATE", "MOD", "VALUE", "LEASE"]
RESULTS = ["EQUAL", "GREATER", "LESS", "NOT_EQUAL"]


class Source:
    """Draws requests; `revision` is where the store is now, so that revisions are drawn from around it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.revision = 1

    def some_revision(self):
        return self.random.choice([0, 0, 0, self.revision, self.revision + 1, max(1, self.revision - self.random.randint(0, 25)), -1])

    def put_options(self):
        draw = self.random
        options = {"key": draw.choice(KEYS), "value": draw.choice(VALUES), "lease": draw.choice(LEASES), "prev_kv": draw.random() < 0.3}
        if draw.random() < 0.1:
            options.update(ignore_value=True, value=b"" if draw.random() < 0.8 else b"x")
        if draw.random() < 0.1:
            options.update(ignore_lease=True, lease=0 if draw.random() < 0.8 else 501)
        if draw.random() < 0.01:
            options["key"] = b""
        return options

    def range_options(self):
        draw = self.random
        options = {"key": draw.choice([*KEYS, b"\0"]), "range_end": draw.choice(ENDS)}
        for name, chance, value in (
            ("limit", 0.3, draw.randint(0, 5)), ("revision", 0.4, self.some_revision()), ("serializable", 0.3, True),
            ("keys_only", 0.2, True), ("count_only", 0.15, True), ("min_mod_revision", 0.1, max(0, self.some_revision())),
            ("max_mod_revision", 0.1, max(0, self.some_revision())), ("min_create_revision", 0.1, max(0, self.some_revision())),
            ("max_create_revision", 0.1, max(0, self.some_revision())),
        ):
            if draw.random() < chance:
                options[name] = value
        if draw.random() < 0.4:
            # Only targets in which no two keys tie: what etcd does with ties isn't stable.
            options.update(sort_order=draw.randint(0, 2), sort_target=draw.choice(["KEY", "KEY", "KEY"]))
        return options

    def delete_options(self):
        draw = self.random
        return {"key": draw.choice(KEYS), "range_end": draw.choice(ENDS), "prev_kv": draw.random() < 0.5}

    def compare(self):
        draw = self.random
        target = draw.choice(TARGETS)
        value = {
            "VERSION": draw.randint(0, 4), "CREATE": max(0, self.some_revision()), "MOD": max(0, self.some_revision()),
            "VALUE": draw.choice(VALUES), "LEASE": draw.choice(LEASES)}[target]
        end = draw.choice(ENDS) if draw.random() < 0.3 else b""
        return ops.compare(target, draw.choice(RESULTS), draw.choice(KEYS), value if draw.random() < 0.95 else None, range_end=end)

    def operation(self, depth):
        kind = self.random.random()
        if kind < 0.35:
            return ops.put(**self.put_options())
        if kind < 0.7:
            return ops.get(**self.range_options())
        if kind < 0.85 or depth == 0:
            return ops.delete(**self.delete_options())
        return ops.txn(*self.txn_parts(depth - 1))

    def txn_parts(self, depth):
        draw = self.random
        return ([self.compare() for _ in range(draw.randint(0, 2))], [self.operation(depth) for _ in range(draw.randint(0, 3))],
                [self.operation(depth) for _ in range(draw.randint(0, 2))])

    def request(self):
        draw = self.random
        kind = draw.random()
        if kind < 0.3:
            return "Put", self.put_options(), ()
        if kind < 0.55:
            return "Range", self.range_options(), ()
        if kind < 0.67:
            return "DeleteRange", self.delete_options(), ()
        if kind < 0.88:
            compare, success, failure = self.txn_parts(2)
            return "Txn", {"compare": compare, "success": success, "failure": failure}, ()
        if kind < 0.91:
            # Waiting for its end: until then a hash may be the remembered one or not, in both.
            return "Compact", {"revision": self.some_revision(), "physical": True}, ()
        if kind < 0.94:
            return "LeaseGrant", {"TTL": draw.choice([100, 500, 10**10]), "ID": draw.choice([501, 502, 503])}, ()
        if kind < 0.96:
            return "LeaseRevoke", {"ID": draw.choice([501, 502, 503])}, ()
        if kind < 0.98:
            return "LeaseTimeToLive", {"ID": draw.choice([501, 502, 503]), "keys": draw.random() < 0.5}, ("TTL", "keys")
        # Not 0: after a compaction at revision 0 the reference answers that with the hash of then.
        return "HashKV", {"revision": max(1, self.some_revision())}, ("hash_revision",)


def upstream_defect(both, ours) -> bool:
    assert ours.code in DIFFERENCES["a put that fails inside a nested transaction"].ours, ours
    assert both.ours.server.running()
    print("the reference panicked at a nested transaction")
    both.close()
    return False


def run(both, source, steps) -> bool:
    """False if the sequence had to end early."""
    for _ in range(steps):
        method, fields, ignore = source.request()
        answers = both.answers(method, **fields)
        if method == "Txn" and answers[0].code == "UNAVAILABLE" and not both.reference.server.running():
            return upstream_defect(both, answers[1])
        both.compare(method, fields, answers, ignore)
        got = answers[0]
        if got.code == "OK":
            source.revision = got.reply.header.revision
    both.range(b"\0", b"\0")
    after_a_key_was_deleted_and_put_at_once(both)
    both.same_hash()
    return True


def after_a_key_was_deleted_and_put_at_once(both) -> None:
    """See the difference of that name: the hash is compared at a revision of its own."""
    assert DIFFERENCES["the hash after a key was deleted and put in one revision"].reason
    both.put(b"last", b"1")


@pytest.mark.parametrize("number", range(150))
def test_a_random_sequence(both, number):
    source = Source(f"{SEED}/kv/{number}")
    source.revision = both.revision
    run(both, source, 40)


@pytest.mark.parametrize("number", range(20))
def test_a_random_sequence_seen_by_watches(both, number):
    source = Source(f"{SEED}/watch/{number}")
    draw = source.random
    source.revision = both.revision
    with WatchPair(both) as stream:
        for n in range(draw.randint(1, 4)):
            stream.create(
                draw.choice(KEYS), draw.choice([b"", b"\0", b"\xff"]), prev_kv=draw.random() < 0.5,
                filters=draw.choice([[], [], ["NOPUT"], ["NODELETE"]]))
        for _ in range(3):
            if not run(both, source, 12):
                return
            stream.expect("events of twelve requests", flat=True, quiet=0.2)
