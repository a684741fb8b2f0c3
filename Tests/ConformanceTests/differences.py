"""Where ours is meant to answer differently from the reference, with the reason. The table is the only place for it: a test
takes its expectations from here, so that a difference is asserted on both sides and never passed over.

`reference` and `ours` are what each is expected to answer; None: not sent there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    reason: str
    reference: object
    ours: object


LEVEL = "ours answers at the level of etcd 3.6, the reference at 3.5"

DIFFERENCES = {
    "range with an unknown sort target": Expected(
        "3.6 checks the sort options; some 3.5 builds end with a panic, so it isn't sent there",
        None, ("INVALID_ARGUMENT", "etcdserver: invalid sort option")),
    "range with an unknown sort order": Expected(
        "3.6 checks the sort options; 3.5 takes any other order for ascending",
        "OK", ("INVALID_ARGUMENT", "etcdserver: invalid sort option")),
    "alarm with an unknown action": Expected(
        "some 3.5 builds end with a panic, so it isn't sent there; ours does nothing and lives on",
        None, "OK"),
    "a put that fails inside a nested transaction": Expected(
        "the reference finds a missing key or lease only while it applies the transaction, and ends with a panic; ours "
        "answers the error that a transaction without nesting gets. Random cases stop there",
        "dead", ("INVALID_ARGUMENT", "NOT_FOUND")),
    "watch from a negative revision": Expected(
        "refused since 3.5.17 or later; the reference takes it for a revision that may be compacted",
        None, (-1, True, True, "etcdserver: mvcc: required revision has been compacted")),
    "status storageVersion": Expected(LEVEL, "", "3.6.0"),
    "status dbSizeQuota": Expected(LEVEL, 0, 2 * 1024**3),
    "status downgradeInfo": Expected(LEVEL, False, True),
    "hashkv hash_revision": Expected(LEVEL, 0, "the revision"),
    "snapshot version": Expected(LEVEL, "", "3.6.0"),
    "snapshot rows": Expected("3.6 keeps meta/storageVersion, one row more", 0, 1),
    "/version storage": Expected(LEVEL, None, "3.6.0"),
    "/version etcdserver": Expected(LEVEL, "3.5.", "3.6."),
    "/version etcdcluster": Expected(LEVEL, "3.5.0", "3.6.0"),
    "the hash after a key was deleted and put in one revision": Expected(
        "the reference finds the deletion before the put and takes the key for dead at that very revision: its hash there, if no "
        "other key is alive, has rows that a compaction would drop. (A compaction to that revision drops the live key.)", None, None),
    "a learner's new address": Expected(
        "the reference's MemberUpdate writes a learner's record anew without saying that it is one", False, True),
    "an update to bad peer URLs": Expected(
        "the reference takes it, and the other members end with a panic",
        None, ("INVALID_ARGUMENT", "etcdserver: given member URLs are invalid")),
    "a downgrade enabled": Expected(
        "3.5 does as it is told but waits in vain for its own log entry, so that the client hears of a time-out",
        ("UNAVAILABLE", "etcdserver: request timed out"), "OK"),
    "a learner's refusals": Expected(
        "FailedPrecondition since 3.6", "UNAVAILABLE", "FAILED_PRECONDITION"),
    "a bad value in the environment": Expected(
        "etcdctl passes over a variable that it can't read and goes on with the default; ours says so and stops", None,
        'Error: invalid value "maybe" for ETCDCTL_HEX: invalid argument "maybe" for "--hex" flag'),
    "a demand for encryption": Expected(
        "etcdctl tries TLS; ours has none yet and must not go on in the clear", None, "Error: --insecure-transport=false: TLS is not supported yet"),
    "hash": Expected("the hash of a database file depends on its format and ours is LMDB, so only its presence is the same", None, None),
}
