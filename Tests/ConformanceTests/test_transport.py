"""What the gRPC layer itself answers, and the plain HTTP endpoints."""

import json
import socket

import grpc
import pytest

from differences import DIFFERENCES
from etcdtest.pair import answer

RANGE = "/etcdserverpb.KV/Range"


@pytest.mark.parametrize("path", [
    "/etcdserverpb.KV/Nonsense", "/etcdserverpb.Nonsense/Range", "/nonsense/nonsense", "/a.b.C/D", "/etcdserverpb.KV/",
    "/etcdserverpb.KV/range", "/EtcdServerPB.KV/Range",
])
def test_unknown_methods_and_services(both, path):
    assert both.raw(path, b"").code == "UNIMPLEMENTED"


@pytest.mark.parametrize("path", ["/nonsense", "/", "/etcdserverpb.KV"])
def test_malformed_paths(both, path):
    both.raw(path, b"")


@pytest.mark.parametrize("body", [
    b"\x0a\x05ab", b"\x0a", b"\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x18", b"\x18" + b"\xff" * 11, b"\x0b", b"\x0c", b"\x0f\x00",
    b"\x00\x01", b"\x07", b"\x09abc", b"\x0d\x01", b"\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\x0a\x01a\x12", b"\x0a\x01a\x18\x80", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
], ids=lambda b: b.hex())
def test_bad_protobuf(both, body):
    """The code is compared; the text belongs to the protobuf library, of which the reference's release has its own."""
    answers = both.each(lambda side: answer(lambda: side.client.raw(RANGE, body)))
    both.same(f"raw {body!r}", *[a.code for a in answers])
    if answers[0].code == "INTERNAL":
        assert answers[1].details.startswith("grpc: error unmarshalling request: "), answers[1].details


@pytest.mark.parametrize("body", [b"", b"\x0a\x00", b"\x12\x01a"])
def test_an_empty_request(both, body):
    both.raw(RANGE, body)


@pytest.mark.parametrize("size", [2_097_152, 2_097_153, 2_200_000, 4_194_304, 5_000_000])
def test_messages_too_large(both, size):
    from etcdtest.rpc import kv
    room = size - len(kv.PutRequest(key=b"a", value=b"x" * size).SerializeToString()) + size
    body = kv.PutRequest(key=b"a", value=b"x" * room).SerializeToString()
    if len(body) < size:
        # The length itself became shorter.
        body = kv.PutRequest(key=b"a", value=b"x" * (room + size - len(body))).SerializeToString()
    assert len(body) == size
    both.raw("/etcdserverpb.KV/Put", body)


@pytest.mark.parametrize("algorithm", [grpc.Compression.Gzip, grpc.Compression.Deflate], ids=["gzip", "deflate"])
def test_compressed_requests(both, algorithm):
    def ask(side):
        call = side.client.unary("Put")
        from etcdtest.rpc import kv
        return answer(lambda: call(kv.PutRequest(key=b"z", value=b"v" * 5000), compression=algorithm, timeout=60))
    answers = both.each(ask)
    both.same("compressed put", *[a.code for a in answers])
    if answers[0].code != "OK":
        both.same("its text", *[a.details for a in answers])
    both.range(b"z")


@pytest.mark.parametrize("service, method", [("Lease", "LeaseKeepAlive"), ("Watch", "Watch")])
def test_a_bad_message_on_a_stream(both, service, method):
    def ask(side):
        call = side.client.channel.stream_stream(f"/etcdserverpb.{service}/{method}")(iter([b"\x0a\x05ab"]), timeout=60)
        return answer(lambda: list(call))
    answers = both.each(ask)
    both.same("bad message on a stream", *[a.code for a in answers])


def test_a_watch_and_a_deadline(both):
    def ask(side):
        call = side.client.channel.stream_stream("/etcdserverpb.Watch/Watch")
        import time
        def requests():
            yield b"\x0a\x03\x0a\x01a"
            time.sleep(1.5)
        return answer(lambda: [None for _ in call(requests(), timeout=0.5)])
    answers = both.each(ask)
    both.same("watch past its deadline", *[a.code for a in answers])
    both.put(b"a", b"1")


def test_many_calls_at_once(both):
    def ask(side):
        call = side.client.unary("Put")
        from etcdtest.rpc import kv
        futures = [call.future(kv.PutRequest(key=b"c%03d" % n, value=b"v"), timeout=60) for n in range(300)]
        return sorted(f.result().header.revision for f in futures)
    # In which order they came is each server's own.
    both.own_ids = True
    both.same("300 puts at once", *both.each(ask))
    both.range(b"c", b"d", count_only=True)


# Plain HTTP on the same port

def test_version(both):
    for side, (status, headers, body) in zip(both.sides, both.http("/version")):
        assert status == 200 and headers["Content-Type"] == "application/json", side.label
        version = json.loads(body)
        for field in ("etcdserver", "etcdcluster", "storage"):
            expected = getattr(DIFFERENCES[f"/version {field}"], side.label)
            if expected is None:
                assert field not in version
            else:
                assert version[field].startswith(expected), f"{side.label}: {field} {version[field]}"


@pytest.mark.parametrize("path", ["/health", "/health?serializable=true", "/health?exclude=NOSPACE", "/health?exclude=nonsense"])
def test_health(both, path):
    (status, _, reference), (our_status, headers, ours) = both.http(path)
    both.same(path, (status, json.loads(reference)), (our_status, json.loads(ours)))
    assert ours == '{"health":"true","reason":""}'


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/version", "/health"])
def test_wrong_methods(both, path, method):
    answers = both.http(path, method=method)
    both.same(f"{method} {path}", *[(status, headers.get("Allow")) for status, headers, _ in answers])


@pytest.mark.parametrize("path", ["/", "/nonsense", "/versions", "/health/x"])
def test_unknown_paths(both, path):
    answers = both.http(path)
    both.same(path, *[(status, body, headers.get("Content-Type")) for status, headers, body in answers])


def names_of(body):
    return {line.split(" ")[2] for line in body.splitlines() if line.startswith("# TYPE ")}


def test_metrics(both):
    both.put(b"a", b"1")
    (_, _, reference), (status, headers, ours) = both.http("/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for line in ours.splitlines():
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2, line
    here = names_of(ours)
    for name in ("etcd_server_has_leader", "etcd_server_is_leader", "etcd_mvcc_db_total_size_in_bytes"):
        assert name in here, f"{name} is missing of {sorted(here)}"
    # A metric of ours with one of etcd's names must have etcd's type.
    types = [dict(line.split(" ")[2:4] for line in body.splitlines() if line.startswith("# TYPE ")) for body in (reference, ours)]
    for name in here & set(types[0]):
        assert types[0][name] == types[1][name], name


def test_http_after_grpc_on_other_connections(both):
    both.put(b"a", b"1")
    for _ in range(3):
        assert all(status == 200 for status, _, _ in both.http("/health"))
        both.range(b"a")


def test_http_keep_alive_and_pipelining(both):
    def ask(side):
        with socket.create_connection((side.server.host, side.server.client_port), timeout=60) as connection:
            request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            connection.sendall(request + request + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            data = b""
            while piece := connection.recv(65536):
                data += piece
        return data.count(b"HTTP/1.1 200 OK"), data.count(b'"health":"true"')
    both.same("three pipelined requests", *both.each(ask))
