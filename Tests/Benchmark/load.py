"""Makes load: h2load runs whose outcome is read back and checked, and a bulk loader for many keys."""

import collections
import dataclasses
import pathlib
import re
import struct
import subprocess

import grpc

from etcdtest.rpc import Client, kv

CONNECTIONS, STREAMS = 10, 100
PUTS_PER_TXN = 16


@dataclasses.dataclass
class Run:
    requests: int
    per_second: float
    data_bytes: int
    mean_latency_us: float


class LoadFailed(Exception):
    pass


def grpc_frame(message) -> bytes:
    body = message.SerializeToString()
    return struct.pack(">BI", 0, len(body)) + body


def h2load(address: str, path: str, body: pathlib.Path, requests: int, deadline: float, options=()) -> Run:
    """Sends `body` as a gRPC call `requests` times. That a call succeeded as gRPC is for the caller to check."""
    command = [
        "h2load", "-n", str(requests), "-c", str(CONNECTIONS), "-m", str(STREAMS), "-t", "1", "-d", str(body),
        "-H", "content-type: application/grpc", "-H", "te: trailers", *options, f"http://{address}{path}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=deadline)
    output = done.stdout
    counts = re.search(r"requests: (\d+) total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed", output)
    rate = re.search(r"finished in [\d.]+\w+, ([\d.]+) req/s", output)
    data = re.search(r"traffic: .*\((\d+)\) data", output)
    latency = re.search(r"time for request:\s+\S+\s+\S+\s+(\S+)", output)
    if done.returncode != 0 or not (counts and rate and data and latency):
        raise LoadFailed(f"h2load ended with {done.returncode}:\n{output[-2000:]}{done.stderr[-2000:]}")
    if int(counts[2]) != requests:
        raise LoadFailed(f"of {requests} requests {counts[2]} succeeded, {counts[3]} failed:\n{output[-2000:]}")
    return Run(requests, float(rate[1]), int(data[1]), _microseconds(latency[1]))


def _microseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1000, "s": 1_000_000}[unit]


def load_keys(client: Client, keys: int, value_bytes: int, deadline: float, window: int = 128) -> None:
    """Puts `keys` keys of 32 bytes, some per transaction: one by one takes the reference minutes, and with as many as etcd
    allows, what is measured afterwards is mostly the Raft log kept in memory."""
    call = client.channel.unary_unary("/etcdserverpb.KV/Txn")
    waiting: collections.deque = collections.deque()
    for first in range(0, keys, PUTS_PER_TXN):
        body = b"".join(_success_put(n, value_bytes) for n in range(first, min(first + PUTS_PER_TXN, keys)))
        waiting.append(call.future(body, timeout=deadline))
        if len(waiting) >= window:
            waiting.popleft().result()
    while waiting:
        if not kv.TxnResponse.FromString(waiting.popleft().result()).succeeded:
            raise LoadFailed("a transaction without comparisons did not succeed")


def key_name(n: int) -> bytes:
    return b"registry/pods/default/" + b"%010d" % n


def _success_put(n: int, value_bytes: int) -> bytes:
    """Field `success` of a TxnRequest holding one put, encoded by hand: a million protobuf objects take minutes."""
    key = key_name(n)
    put = b"\x0a" + bytes([len(key)]) + key + b"\x12" + _varint(value_bytes) + (b"%08d" % n) * (value_bytes // 8)
    operation = b"\x12" + _varint(len(put)) + put
    return b"\x12" + _varint(len(operation)) + operation


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
