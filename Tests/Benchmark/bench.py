"""Measures our etcd and the reference in one run, prints a table and which targets are met.

    bench.py [--quick] [--rounds N] [--seconds S] [--also-351] [--without-keys]

Per round every server is started anew, measured and stopped before the next one starts, so none runs beside another.
Figures are medians over the rounds. The table goes to standard output and .build/bench/table.md, all figures to
.build/bench/figures.json.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import grpc  # noqa: E402

from etcdtest import paths  # noqa: E402
from etcdtest.ops import compare, put  # noqa: E402
from etcdtest.rpc import Client, kv  # noqa: E402
from etcdtest.server import Server  # noqa: E402

from load import PUTS_PER_TXN, Run, grpc_frame, h2load, key_name, load_keys  # noqa: E402

KEY, VALUE = b"bench/0000000001", b"v" * 32
MILLION_VALUE_BYTES = 256
WARM_UP_REQUESTS = 5000

# Operation -> path, request, whether each request makes one revision. Reads come first: behind a run of writes they would
# share the machine with what the servers still have to put on disk.
OPERATIONS = {
    "range, serializable": ("/etcdserverpb.KV/Range", kv.RangeRequest(key=KEY, serializable=True), False),
    "range, linearizable": ("/etcdserverpb.KV/Range", kv.RangeRequest(key=KEY), False),
    "put": ("/etcdserverpb.KV/Put", kv.PutRequest(key=KEY, value=VALUE), True),
    "txn (compare + put)": (
        "/etcdserverpb.KV/Txn",
        kv.TxnRequest(compare=[compare("VERSION", "GREATER", KEY, 0)], success=[put(KEY, VALUE)]), True),
}


class Wrong(Exception):
    """A figure that would not mean what its name says."""


def revision(client: Client) -> int:
    return client.call("Range", key=KEY).header.revision


def measure(server: Server, client: Client, name: str, folder: pathlib.Path, seconds: float) -> dict:
    path, request, writes = OPERATIONS[name]
    body = folder / "body"
    body.write_bytes(grpc_frame(request))
    answer_bytes = len(grpc_frame(client.call(path.rsplit("/", 1)[1], request)))
    warm = h2load(server.address, path, body, WARM_UP_REQUESTS, deadline=60)
    requests = max(WARM_UP_REQUESTS, int(warm.per_second * seconds))
    before, cpu = revision(client), server.cpu_seconds()
    run = h2load(server.address, path, body, requests, deadline=60 + 4 * seconds)
    cpu = server.cpu_seconds() - cpu
    check(name, run, writes, revision(client) - before, answer_bytes)
    return {"per_second": run.per_second, "cpu_us": cpu * 1e6 / requests, "latency_us": run.mean_latency_us}


def check(name: str, run: Run, writes: bool, revisions: int, answer_bytes: int) -> None:
    """h2load counts a gRPC error as a success, so the calls' outcome is read from the store or from the answers' length."""
    if revisions != (run.requests if writes else 0):
        raise Wrong(f"{name}: {run.requests} requests made {revisions} revisions")
    if not writes and run.data_bytes != run.requests * answer_bytes:
        raise Wrong(f"{name}: {run.requests} answers of {answer_bytes} bytes came as {run.data_bytes} bytes")


def throughput(binary, label: str, seconds: float) -> dict:
    with tempfile.TemporaryDirectory(prefix="etcd-bench-") as folder, Server(binary, label=label) as server:
        server.start()
        client = Client(server.address)
        client.call("Put", key=KEY, value=VALUE)
        figures = {name: measure(server, client, name, pathlib.Path(folder), seconds) for name in OPERATIONS}
        client.close()
        server.stop()
    return figures


def idle(binary, label: str, seconds: float) -> dict:
    with Server(binary, label=label) as server:
        server.start()
        time.sleep(2)
        cpu, began = server.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        share = (server.cpu_seconds() - cpu) / (time.monotonic() - began)
        figures = {"idle_rss_mib": server.rss_kib() / 1024, "idle_cpu_percent": share * 100}
        server.stop()
    return figures


def anonymous_mib(server: Server) -> float:
    """What of the resident memory is the process's own, without pages of the database file that the kernel may drop."""
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


def restart(server: Server, keys: int) -> float:
    """Seconds from starting the program to an answered linearizable read."""
    server.stop(deadline=60)
    began = time.monotonic()
    server.spawn()
    while True:
        # A new channel each time: one that was refused waits a second before it tries again.
        client = Client(server.address)
        try:
            answer = client.call("Range", key=key_name(keys - 1), timeout=60)
            if answer.count != 1:
                raise Wrong(f"a key is missing after the restart: {answer}")
            return time.monotonic() - began
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE or not server.running() or time.monotonic() - began > 120:
                raise Wrong(f"no read after the restart: {error}\n{server.log_tail()}") from error
            time.sleep(0.005)
        finally:
            client.close()


def many_keys(binary, label: str, keys: int, restarts: int) -> dict:
    # Room for the reference, whose database takes more than its default quota's share of a gigabyte.
    with Server(binary, label=label, flags=["--quota-backend-bytes", "8589934592"]) as server:
        server.start()
        client = Client(server.address)
        began = time.monotonic()
        load_keys(client, keys, MILLION_VALUE_BYTES, deadline=300)
        figures = {"load_s": time.monotonic() - began}
        count = client.call("Range", key=b"\0", range_end=b"\0", count_only=True).count
        if count != keys:
            raise Wrong(f"{keys} keys were put and {count} are there")
        client.close()
        time.sleep(5)
        figures |= {"keys_rss_mib": server.rss_kib() / 1024, "keys_anonymous_mib": anonymous_mib(server)}
        figures["restart_s"] = statistics.median(restart(server, keys) for _ in range(restarts))
        time.sleep(2)
        figures |= {"restarted_rss_mib": server.rss_kib() / 1024, "restarted_anonymous_mib": anonymous_mib(server)}
        server.stop(deadline=60)
    return figures


def sync_latency_us() -> float:
    """The disk's part of a put: the median of `fdatasync` after 4 KiB, where the data directories are."""
    with tempfile.NamedTemporaryFile(prefix="etcd-bench-") as file:
        times = []
        for _ in range(100):
            os.pwrite(file.fileno(), b"x" * 4096, 0)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def medians(rounds: list[dict]) -> dict:
    return {
        name: {figure: statistics.median(r[name][figure] for r in rounds) for figure in rounds[0][name]}
        for name in rounds[0]
    }


def table(results: dict) -> list[str]:
    labels = list(results)
    lines = ["| figure | " + " | ".join(labels) + " | ours : " + labels[1] + " |", "| --- |" + " ---: |" * (len(labels) + 1)]

    def row(name, values, form):
        ratio = f"{values[0] / values[1]:.2f}" if values[1] else "-"
        lines.append(f"| {name} | " + " | ".join(form.format(v) for v in values) + f" | {ratio} |")

    for name in OPERATIONS:
        row(f"{name}, requests/s", [results[label]["operations"][name]["per_second"] for label in labels], "{:,.0f}")
    for name in OPERATIONS:
        row(f"{name}, server CPU µs/request", [results[label]["operations"][name]["cpu_us"] for label in labels], "{:.2f}")
    for figure, title, form in FIGURES:
        if all(figure in results[label] for label in labels):
            row(title, [results[label][figure] for label in labels], form)
    return lines


FIGURES = [
    ("idle_rss_mib", "RSS idle, MiB", "{:.1f}"),
    ("idle_cpu_percent", "CPU idle, %", "{:.2f}"),
    ("load_s", "loading the keys, s", "{:.1f}"),
    ("keys_rss_mib", "RSS after loading the keys, MiB", "{:.0f}"),
    ("keys_anonymous_mib", "… of it anonymous, MiB", "{:.0f}"),
    ("restart_s", "restart with the keys, s", "{:.2f}"),
    ("restarted_rss_mib", "RSS after that restart, MiB", "{:.0f}"),
    ("restarted_anonymous_mib", "… of it anonymous, MiB", "{:.0f}"),
]


def targets(ours: dict, reference: dict) -> list[str]:
    lines = []

    def target(name, value, limit, at_least=False, unit=""):
        met = value >= limit if at_least else value <= limit
        lines.append(f"- {'met' if met else 'MISSED'}: {name} {value:.2f}{unit}, wanted {'at least' if at_least else 'at most'} {limit:.4g}{unit}")

    mine, theirs = ours["operations"], reference["operations"]
    for name, limit in [("put", 8), ("range, serializable", 4), ("range, linearizable", 5)]:
        target(f"{name}, CPU", mine[name]["cpu_us"], limit, unit=" µs")
    for name, limit in [("put", 4), ("range, serializable", 6), ("range, linearizable", 6)]:
        target(f"{name}, requests/s against the reference,", mine[name]["per_second"] / theirs[name]["per_second"], limit, True, " ×")
    target("idle RSS", ours["idle_rss_mib"], 12, unit=" MiB")
    target("idle CPU", ours["idle_cpu_percent"], 0.5, unit=" %")
    if "keys_rss_mib" in ours:
        target("RSS after loading the keys against the reference,", ours["keys_rss_mib"] / reference["keys_rss_mib"], 0.5, unit=" ×")
        target("restart time against the reference,", ours["restart_s"] / reference["restart_s"], 1 / 3, unit=" ×")
    return lines


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of one second each and 100,000 keys")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="how long each operation is loaded per round")
    parser.add_argument("--keys", type=int)
    parser.add_argument("--also-351", action="store_true", help="measure etcd 3.5.1 too")
    parser.add_argument("--without-keys", action="store_true", help="leave out the million keys")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 3)
    given.seconds = given.seconds or (1.0 if given.quick else 4.0)
    given.keys = given.keys or (100_000 if given.quick else 1_000_000)
    return given


def main() -> int:
    given = arguments()
    servers = {"ours": paths.OURS, "reference": paths.REFERENCE}
    if given.also_351:
        servers["3.5.1"] = paths.ETCD_351
    for label, binary in servers.items():
        print(f"{label}: {binary}", file=sys.stderr)
    rounds = {label: [] for label in servers}
    for number in range(given.rounds):
        for label, binary in servers.items():
            print(f"round {number + 1} of {given.rounds}: {label}", file=sys.stderr, flush=True)
            rounds[label].append(throughput(binary, label, given.seconds))
    results = {}
    for label, binary in servers.items():
        results[label] = {"operations": medians(rounds[label]), "rounds": rounds[label]}
        print(f"idle: {label}", file=sys.stderr, flush=True)
        results[label] |= idle(binary, label, 5 if given.quick else 10)
        if not given.without_keys:
            print(f"{given.keys:,} keys: {label}", file=sys.stderr, flush=True)
            results[label] |= many_keys(binary, label, given.keys, 1 if given.quick else 3)
    report(given, results)
    return 0


def report(given, results: dict) -> None:
    lines = [
        f"h2load, 10 connections × 100 streams; {given.rounds} round(s) of about {given.seconds:g} s, medians; "
        f"key {len(KEY)} B, value {len(VALUE)} B; {given.keys:,} keys of 32 B with values of {MILLION_VALUE_BYTES} B "
        f"put by transactions of {PUTS_PER_TXN}; {os.cpu_count()} cores; fdatasync {sync_latency_us():.0f} µs", "", *table(results), "",
        *targets(results["ours"], results["reference"]),
    ]
    folder = paths.BUILD / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text("\n".join(lines) + "\n")
    (folder / "figures.json").write_text(json.dumps(results, indent=1) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
