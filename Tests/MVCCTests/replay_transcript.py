#!/usr/bin/env python3
"""Plays a transcript that StoreModelTests wrote to a fresh etcd and compares every answer, byte for byte.

    STORE_TRANSCRIPT=t.tsv SEED=1 swift test --filter StoreModelTests && replay_transcript.py ETCD t.tsv

Needs grpcio. Of the header only the revision is compared.
"""

import socket
import subprocess
import sys
import tempfile
import time

import grpc


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def split_header(data):
    """The header's revision, and everything after the header."""
    assert data[0] == 0x0A, data[:8].hex()
    size, at = varint(data, 1)
    end, revision = at + size, 0
    while at < end:
        tag, at = varint(data, at)
        value, at = varint(data, at)
        if tag == 0x18:
            revision = value
    return revision, data[end:]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def encoded(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def replay(etcd, lines):
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(
            [etcd, "--data-dir", data, "--listen-client-urls", client, "--advertise-client-urls", client,
             "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}",
             "--log-level", "error"])
        try:
            channel = grpc.insecure_channel(client[len("http://"):])
            grpc.channel_ready_future(channel).result(timeout=20)
            return compare(channel, lines)
        finally:
            server.kill()
            server.wait()


def compare(channel, lines):
    def call(service, method, request):
        return channel.unary_unary(f"/etcdserverpb.{service}/{method}")(request, timeout=10)

    for _ in range(50):
        try:
            for lease in (7, 8):
                call("Lease", "LeaseGrant", b"\x08" + encoded(100000) + b"\x10" + encoded(lease))
            break
        except grpc.RpcError:
            time.sleep(0.1)
    differences = 0
    for number, line in enumerate(lines):
        method, request, kind, answer = line.rstrip("\n").split("\t")
        try:
            real = ("ok", split_header(call("KV", method, bytes.fromhex(request))))
        except grpc.RpcError as error:
            real = ("error", error.details())
        ours = (kind, split_header(bytes.fromhex(answer)) if kind == "ok" else answer)
        if ours != real:
            differences += 1
            print(f"{number}: {method} {request}\n  ours {ours}\n  etcd {real}")
    return differences


if __name__ == "__main__":
    with open(sys.argv[2], encoding="ascii") as file:
        transcript = file.readlines()
    count = replay(sys.argv[1], transcript)
    print(f"{len(transcript)} requests, {count} answers differ")
    sys.exit(1 if count else 0)
