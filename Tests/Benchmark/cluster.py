"""Measures clusters of three: ours and the reference in one run, alternately. Prints a table and which targets are met.

    cluster.py [--quick] [--rounds N] [--seconds S] [--rate PUTS_PER_SECOND]

Throughput: h2load with 10 connections of 100 streams puts through the leader; CPU time is summed over the members. Latency: the
same connections put at a fixed rate, whether answers have come or not.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

from etcdtest import paths  # noqa: E402
from etcdtest.cluster import Cluster  # noqa: E402
from etcdtest.rpc import kv  # noqa: E402

from load import CONNECTIONS, grpc_frame, h2load  # noqa: E402

KEY, VALUE = b"bench/0000000001", b"v" * 32
PUT = "/etcdserverpb.KV/Put"
WARM_UP_REQUESTS = 5000


def cpu_seconds(cluster) -> float:
    return sum(member.cpu_seconds() for member in cluster.members)


def throughput(cluster, folder: pathlib.Path, seconds: float) -> dict:
    leader = cluster.leader()
    body = folder / "body"
    body.write_bytes(grpc_frame(kv.PutRequest(key=KEY, value=VALUE)))
    warm = h2load(leader.address, PUT, body, WARM_UP_REQUESTS, deadline=120)
    requests = max(WARM_UP_REQUESTS, int(warm.per_second * seconds))
    before, cpu = leader.call("Range", key=KEY).header.revision, cpu_seconds(cluster)
    run = h2load(leader.address, PUT, body, requests, deadline=120 + 8 * seconds)
    # What the others still have to apply is theirs, too.
    cluster.same_hash()
    cpu = cpu_seconds(cluster) - cpu
    made = leader.call("Range", key=KEY).header.revision - before
    if made != requests:
        raise SystemExit(f"{requests} puts made {made} revisions")
    return {"per_second": run.per_second, "cpu_us": cpu * 1e6 / requests}


def latency(cluster, folder: pathlib.Path, rate: int, seconds: float) -> dict:
    """h2load sends at its rate whether answers have come or not, and tells the time that each took."""
    leader = cluster.leader()
    body, log = folder / "body", folder / "log"
    body.write_bytes(grpc_frame(kv.PutRequest(key=KEY, value=VALUE)))
    log.unlink(missing_ok=True)
    requests = int(rate * seconds)
    before, cpu = leader.call("Range", key=KEY).header.revision, cpu_seconds(cluster)
    run = h2load(leader.address, PUT, body, requests, deadline=120 + 8 * seconds,
                 options=[f"--rps={rate / CONNECTIONS:g}", f"--log-file={log}"])
    cpu = cpu_seconds(cluster) - cpu
    made = leader.call("Range", key=KEY).header.revision - before
    if made != requests:
        raise SystemExit(f"{requests} puts made {made} revisions")
    # The first second belongs to the connections.
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    first = min(int(row[0]) for row in rows)
    took = sorted(int(row[2]) / 1000 for row in rows if int(row[0]) > first + 1_000_000)
    return {"rate": run.per_second, "p50_ms": took[len(took) // 2], "p99_ms": took[int(len(took) * 0.99)],
            "p999_ms": took[int(len(took) * 0.999)], "rate_cpu_us": cpu * 1e6 / requests}


def measure(kind: str, given) -> dict:
    with tempfile.TemporaryDirectory(prefix="etcd-bench-") as folder, Cluster([kind] * 3) as cluster:
        cluster.start()
        cluster.wait_health()
        # Behind the throughput, each would share the machine with what it still has to put on disk: one has taken eight times as much.
        figures = latency(cluster, pathlib.Path(folder), given.rate, given.latency_seconds)
        figures |= throughput(cluster, pathlib.Path(folder), given.seconds)
        figures["rss_mib"] = sum(member.rss_kib() for member in cluster.members) / 1024
        cluster.same_hash()
        cluster.stop()
    return figures


FIGURES = [
    ("per_second", "puts/s, h2load 10 × 100", "{:,.0f}"),
    ("cpu_us", "CPU µs/put over all members", "{:.1f}"),
    ("p50_ms", "median latency at the rate, ms", "{:.2f}"),
    ("p99_ms", "p99 latency at the rate, ms", "{:.2f}"),
    ("p999_ms", "p99.9 latency at the rate, ms", "{:.2f}"),
    ("rate_cpu_us", "CPU µs/put at the rate over all members", "{:.1f}"),
    ("rss_mib", "RSS of all members, MiB", "{:.0f}"),
]


def report(given, rounds: dict) -> None:
    medians = {kind: {name: statistics.median(one[name] for one in measured) for name in measured[0]} for kind, measured in rounds.items()}
    ours, reference = medians["ours"], medians["3.5.16"]
    lines = [
        f"three members on one machine; {given.rounds} round(s), medians; throughput for about {given.seconds:g} s, latency at "
        f"{given.rate:,} puts/s for {given.latency_seconds:g} s; value {len(VALUE)} B; {os.cpu_count()} cores", "",
        "| three members | ours | reference | ours : reference |", "| --- | ---: | ---: | ---: |"]
    for name, title, form in FIGURES:
        lines.append(f"| {title} | {form.format(ours[name])} | {form.format(reference[name])} | {ours[name] / reference[name]:.2f} |")
    lines.append("")
    for title, value, limit, met in (
        ("put throughput against the reference", ours["per_second"] / reference["per_second"], "at least 3 ×",
         ours["per_second"] >= 3 * reference["per_second"]),
        (f"p99 latency at {given.rate:,} puts/s against the reference", ours["p99_ms"] / reference["p99_ms"], "at most 0.5 ×",
         ours["p99_ms"] <= 0.5 * reference["p99_ms"])):
        lines.append(f"- {'met' if met else 'MISSED'}: {title} {value:.2f} ×, wanted {limit}")
    folder = paths.BUILD / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cluster.md").write_text("\n".join(lines) + "\n")
    (folder / "cluster.json").write_text(json.dumps(rounds, indent=1) + "\n")
    print("\n".join(lines))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of a few seconds")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="how long each round's throughput is measured")
    parser.add_argument("--latency-seconds", type=float)
    parser.add_argument("--rate", type=int, default=2000, help="puts per second")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 3)
    given.seconds = given.seconds or (2.0 if given.quick else 5.0)
    given.latency_seconds = given.latency_seconds or (4.0 if given.quick else 10.0)
    rounds = {"ours": [], "3.5.16": []}
    for number in range(given.rounds):
        for kind, measured in rounds.items():
            print(f"round {number + 1} of {given.rounds}: three members of {kind}", file=sys.stderr, flush=True)
            measured.append(measure(kind, given))
    report(given, rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
