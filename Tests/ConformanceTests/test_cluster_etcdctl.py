"""etcdctl, the official one in both releases and ours, on clusters of three: the same output from ours as from the official
etcd, less ids, addresses, sizes and times. Our etcdctl says what the official 3.5.1 said.

`CLUSTER_OF=3.5.16` puts the official etcd in the place of ours.
"""

import json
import os
import re
import subprocess

import pytest

from etcdtest import paths
from etcdtest.clusterpair import ClusterPair
from etcdtest.waiting import PATIENCE, until

KIND = os.environ.get("CLUSTER_OF", "ours")
CTLS = sorted((name for name, program in paths.ETCDCTLS.items() if program.exists()), key=len, reverse=True)
WRITERS = ("simple", "table", "json", "fields")
VOLATILE = {"raft_term", "raftTerm", "raftIndex", "raftAppliedIndex", "dbSize", "dbSizeInUse", "version", "took", "cluster_id"}
# Fields of 3.6, which ours sends and our etcdctl shows.
NEWER = {"hash_revision", "storageVersion", "dbSizeQuota", "downgradeInfo"}


@pytest.fixture(scope="module")
def pair(request):
    from etcdtest.cluster import Cluster
    made = []

    def found(*kinds, start=True, **options):
        made.append(Cluster(kinds, **options))
        return made[-1]
    yield ClusterPair(found, ours=KIND)
    for cluster in made:
        cluster.close()


@pytest.fixture
def both(pair):
    pair.trail = []
    for side in pair.sides:
        side.cluster.move_leader(side.member("m1"))
    return pair


# What the official 3.5.1 said, by test and step.
SAID = {}


@pytest.fixture(params=[*CTLS, "ours"])
def ctl(request):
    same.client, same.story, same.step = request.param, request.node.name.replace(request.param, "", 1), 0
    return paths.ETCDCTL if request.param == "ours" else paths.ETCDCTLS[request.param]


def masked(side, text: str) -> str:
    cluster = side.member("m1").call("Status").header.cluster_id
    text = text.replace(f"{cluster:x}", "<cluster>").replace(str(cluster), "<cluster>")
    text = side.text(text)
    # Of a log line only the error: place, time and the order of tries are each run's own.
    text = re.sub(r'^\{"level".*?"error":(".*?")\}$', r"<log> \1", text, flags=re.M)
    text = re.sub(r"(took (= )?)[\d.]+(ns|µs|ms|s)", r"\1<time>", text)
    text = re.sub(r'("Took" : )"[^"]+"', r"\1<time>", text)
    text = re.sub(r'("(?:RaftTerm|RaftIndex|RaftAppliedIndex|DBSize|DBSizeInUse)" : )\d+', r"\1<n>", text)
    text = re.sub(r'("Version" : )"3\.\d+\.\d+"', r"\1<version>", text)
    # Table and simple status: version, size; term, index, applied index.
    text = re.sub(r"\b3\.\d+\.\d+\b", "<version>", text)
    text = re.sub(r"\b[\d.]+ [kM]?B\b", "<size>", text)
    text = re.sub(r"(true|false)([ ,|]+)\d+([ ,|]+)\d+([ ,|]+)\d+", r"\1\2<n>\3<n>\4<n>", text)
    text = re.sub(r"\b[\d.]+(ns|µs|ms|s)\b", "<time>", text)
    # A table's width is that of what it holds.
    return re.sub(r" +", " ", re.sub(r"[-+]{3,}", "<line>", text))


def plain_json(value):
    if isinstance(value, dict):
        return {key: "<volatile>" if key in VOLATILE else plain_json(one) for key, one in sorted(value.items()) if key not in NEWER}
    if isinstance(value, list):
        return sorted((plain_json(one) for one in value), key=str)
    return value


def run(side, ctl, arguments, at):
    endpoints = ",".join(member.address for member in side.cluster.members) if at == "all" else side.member(at).address
    arguments = [str(side.resolve(one)) for one in arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ETCD")} | {"ETCDCTL_API": "3"}
    done = subprocess.run(
        [ctl, "--endpoints", endpoints, *arguments], capture_output=True, text=True, timeout=PATIENCE, env=environment)
    # The order of members is that of their ids.
    if "json" in arguments and done.stdout.startswith(("{", "[")):
        # The ids are numbers here, and the order is theirs.
        text = re.sub(r"(?<=[:\[,])(\d{15,20})\b", r'"\1"', done.stdout)
        out = plain_json(json.loads(masked(side, text).replace("\n", "")))
    else:
        out = sorted(masked(side, done.stdout).splitlines())
    return {"exit": done.returncode, "out": out, "err": sorted(masked(side, done.stderr).splitlines())}


def same(both, ctl, *arguments, at="m1"):
    results = both.each(lambda side: run(side, ctl, arguments, at))
    line = "etcdctl " + " ".join(one if isinstance(one, str) else "…" for one in arguments)
    both.same(line, *results)
    same.step += 1
    if same.client == "3.5.1":
        SAID[same.story, same.step] = without_history(results[0])
    elif same.client == "ours" and (same.story, same.step) in SAID:
        assert without_history(results[0]) == SAID[same.story, same.step], f"{line}: ours and the official one"
    return results[0]


def without_history(result):
    """Less revisions and hashes: one client's run comes after the other's."""
    text = re.sub(r"""(['"](?:[rR]evision|hash|Hash)['"] ?: )\d+""", r"\1<n>", str(result))
    return re.sub(r"(<(?:client url|address) of m\d>,? (?:\| )?)\d+", r"\1<hash>", text)


def hex_id(name):
    return lambda side: f"{side.id(name):x}"


@pytest.mark.parametrize("writer", WRITERS)
def test_member_list(both, ctl, writer):
    assert same(both, ctl, "member", "list", "-w", writer)["exit"] == 0


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("what", ["status", "health", "hashkv"])
def test_endpoints_of_the_cluster(both, ctl, what, writer):
    both.ok("Put", key=b"k", value=b"v")
    both.each(lambda side: side.cluster.same_hash())
    assert same(both, ctl, "endpoint", what, "--cluster", "-w", writer)["exit"] == 0
    same(both, ctl, "endpoint", what, "-w", writer, at="all")


def test_the_table_of_endpoints_has_one_leader(both, ctl):
    both.each(lambda side: side.cluster.leader())
    lines = same(both, ctl, "endpoint", "status", "--cluster", "-w", "table")["out"]
    assert len([line for line in lines if "<id of m" in line]) == 3
    assert len([line for line in lines if "| true | false |" in line]) == 1, lines


def test_a_member_added_updated_and_removed(both, ctl):
    # The members' own addresses, which nobody listens on: each run its own, for an id is made of the address and the second.
    test_a_member_added_updated_and_removed.runs = number = getattr(test_a_member_added_updated_and_removed, "runs", 0) + 1
    first, second = (f"http://127.0.0.1:{1300 + 2 * number + n}" for n in (0, 1))
    both.fails("MemberAdd", "FAILED_PRECONDITION", "etcdserver: Peer URLs already exists", peerURLs=lambda side: [side.member("m1").peer_url])
    for wrong in (["member", "add"], ["member", "add", "a", "b"], ["member", "add", "m9"], ["member", "add", "m9", "--peer-urls=bad"],
                  ["member", "add", "m9", lambda side: f"--peer-urls={side.member('m1').peer_url}"],
                  ["member", "remove"], ["member", "remove", "zz"], ["member", "remove", "1234"], ["member", "promote", "zz"],
                  ["member", "promote", "1234"], ["member", "promote", hex_id("m1")], ["member", "update", hex_id("m1")],
                  ["member", "update", "1234", f"--peer-urls={first}"], ["member", "update", "zz", f"--peer-urls={first}"],
                  ["member", "update", hex_id("m1"), lambda side: f"--peer-urls={side.member('m2').peer_url}"]):
        assert same(both, ctl, *wrong)["exit"] != 0, wrong

    def own_address(side):
        return f"--peer-urls={side.member('m3').peer_url}"

    def both_addresses(side):
        return own_address(side) + "," + second

    def added(side):
        listed = side.member("m1").call("MemberList", linearizable=True).members
        side.ids["m9"] = next(member.ID for member in listed if first in member.peerURLs)
        side.urls[first], side.urls[second] = "m9", "m9, elsewhere"
    for side in both.sides:
        side.urls[first] = "m9"
    # The id is not known before, so the first output is compared without it.
    results = both.each(lambda side: run(side, ctl, ["member", "add", "m9", f"--peer-urls={first}", "--learner"], "m1"))
    both.each(added)
    for side, result in zip(both.sides, results):
        result["out"] = sorted(re.sub(r"=.*", lambda found: "=" + ",".join(sorted(found[0][2:-1].split(","))), side.text(line))
                               for line in result["out"])
    both.same("etcdctl member add", *results)
    assert results[0]["exit"] == 0
    for writer in WRITERS:
        same(both, ctl, "member", "list", "-w", writer)
    same(both, ctl, "member", "add", "m8", f"--peer-urls={second}", "--learner")
    same(both, ctl, "member", "promote", hex_id("m9"))
    assert same(both, ctl, "member", "update", hex_id("m3"), both_addresses)["exit"] == 0
    assert same(both, ctl, "member", "update", hex_id("m3"), own_address, "-w", "json")["exit"] == 0
    same(both, ctl, "member", "update", hex_id("m3"), own_address, "-w", "table")
    assert same(both, ctl, "member", "remove", hex_id("m9"))["exit"] == 0
    same(both, ctl, "member", "remove", hex_id("m9"))
    same(both, ctl, "member", "list")


def test_move_leader(both, ctl):
    both.each(lambda side: side.cluster.move_leader(side.member("m1")))
    for target in ("m2", "m3", "m1"):
        assert same(both, ctl, "move-leader", hex_id(target), at="all")["exit"] == 0
        for side in both.sides:
            until(lambda: side.cluster.leader() is side.member(target), f"{target} leads")
    assert same(both, ctl, "move-leader", hex_id("m1"), "-w", "json", at="all")["exit"] == 0
    for wrong in (["move-leader"], ["move-leader", "zz"], ["move-leader", "1234"]):
        assert same(both, ctl, *wrong, at="all")["exit"] != 0
    assert same(both, ctl, "move-leader", hex_id("m1"), at="m2")["exit"] != 0


def test_reads_and_writes_through_all_endpoints(both, ctl):
    for number in range(3):
        assert same(both, ctl, "put", f"k{number}", "v", at="all")["exit"] == 0
    for at in ("m1", "m2", "m3", "all"):
        assert same(both, ctl, "get", "k", "--prefix", at=at)["exit"] == 0
        same(both, ctl, "get", "k", "--prefix", "--consistency=s", at=at)


def test_a_member_that_is_gone_is_told(both):
    """Last of this file: it takes a member away."""
    for side in both.sides:
        side.cluster.move_leader(side.member("m1"))
        side.member("m3").kill()
    for what in ("health", "status"):
        asked = ["endpoint", what, "--cluster", "--command-timeout=3s", "--dial-timeout=2s"]
        for _ in range(3):
            results = both.each(lambda side: run(side, paths.ETCDCTLS[CTLS[0]], asked, "m1"))
            if results[0]["out"] == results[1]["out"]:
                break
            # On a slow machine three seconds may be short for those that live, too.
        both.same(f"endpoint {what}", *[(result["exit"], result["out"]) for result in results])
        assert results[0]["exit"] != 0
