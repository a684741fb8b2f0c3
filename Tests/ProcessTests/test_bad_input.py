"""What broken clients send, and the very status each gets; `test_bad_network.py` has idle, silent and flooding ones."""

import socket
import struct

import pytest

from etcdtest.pair import http
from etcdtest.rpc import Client, kv
from h2raw import RawClient

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\x04\0\0\0\0\0"


@pytest.fixture(autouse=True)
def still_serving(member, client):
    """After every case the member runs, answers, and has kept what it had."""
    client.call("Put", key=b"before", value=b"kept")
    yield
    assert member.running(), member.log_tail()
    assert client.call("Range", key=b"before").kvs[0].value == b"kept"
    fresh = Client(member.address)
    fresh.call("Put", key=b"after", value=b"1")
    fresh.close()
    assert http(member.endpoint + "/health")[0] == 200


def message(body, compressed=0, length=None):
    return struct.pack(">BI", compressed, len(body) if length is None else length) + body


def put(value=b"v"):
    return kv.PutRequest(key=b"k", value=value).SerializeToString()


@pytest.fixture
def raw(member):
    client = RawClient(member)
    yield client
    client.close()


@pytest.mark.parametrize("body", [b"", b"\0", b"\0\0\0", b"\0\0\0\0\x05", b"\0\0\0\0\x05ab", message(put())[:-1]], ids=lambda b: b.hex()[:20])
def test_a_truncated_grpc_frame(member, raw, body):
    stream = raw.open()
    raw.send(stream, body, end=True)
    trailers = raw.finish(stream)
    assert trailers.get("grpc-status") in ("13", "3"), trailers
    assert trailers.get("grpc-message"), trailers


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 2097153])
def test_a_giant_length(member, raw, length):
    before = member.rss_kib()
    stream = raw.open()
    raw.send(stream, message(b"x" * 100, length=length))
    trailers = raw.finish(stream)
    assert trailers.get("grpc-status") == "8", trailers
    assert f"{length} vs. 2097152" in trailers["grpc-message"], trailers
    assert member.rss_kib() - before < 20_000, "memory was set aside for a length that was only claimed"


@pytest.mark.parametrize("flag", [1, 2, 255])
def test_a_compression_flag_without_encoding(raw, flag):
    stream = raw.open()
    raw.send(stream, message(put(), compressed=flag), end=True)
    trailers = raw.finish(stream)
    assert trailers.get("grpc-status") in ("12", "13"), trailers


def test_broken_gzip(raw):
    stream = raw.open(headers=[("grpc-encoding", "gzip")])
    raw.send(stream, message(b"this is not gzip", compressed=1), end=True)
    trailers = raw.finish(stream)
    assert trailers.get("grpc-status") not in (None, "0"), trailers


def test_a_gzip_bomb_is_cut_at_the_message_limit(member, raw):
    import gzip
    before = member.rss_kib()
    stream = raw.open(headers=[("grpc-encoding", "gzip")])
    raw.send(stream, message(gzip.compress(b"\0" * 200_000_000), compressed=1), end=True)
    trailers = raw.finish(stream)
    assert trailers.get("grpc-status") == "8", trailers
    assert member.rss_kib() - before < 30_000


def test_an_unknown_encoding(raw):
    stream = raw.open(headers=[("grpc-encoding", "nonsense")])
    raw.send(stream, message(put(), compressed=1), end=True)
    trailers = raw.finish(stream)
    assert trailers.get("grpc-status") == "12", trailers


def test_two_messages_on_a_unary_call(raw):
    stream = raw.open()
    raw.send(stream, message(put()) + message(put()), end=True)
    trailers = raw.finish(stream)
    assert trailers.get("grpc-status") is not None or stream in raw.reset, trailers


def test_a_wrong_content_type(raw):
    stream = raw.open(content_type="text/plain")
    raw.send(stream, b"hello", end=True)
    assert raw.finish(stream).get(":status") in ("415", "404"), raw.headers


def test_a_stream_reset_midway(raw):
    for _ in range(50):
        stream = raw.open()
        raw.send(stream, b"\0\0\0")
        raw.connection.reset_stream(stream)
        raw.flush()
    stream = raw.open()
    raw.send(stream, message(put()), end=True)
    assert raw.finish(stream).get("grpc-status") == "0" or raw.goaway is not None


def test_thousands_of_streams_opened_and_reset(member):
    """CVE-2023-44487: the connection may be closed, the member lives and others are served."""
    raw = RawClient(member)
    try:
        for _ in range(5000):
            stream = raw.open("/etcdserverpb.KV/Range")
            raw.connection.reset_stream(stream)
            raw.flush()
    except (OSError, Exception):
        pass
    raw.close()


def frame(kind, flags, stream, body, length=None):
    return struct.pack(">I", len(body) if length is None else length)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


@pytest.mark.parametrize("data", [
    frame(0, 0, 0, b"data on stream 0"), frame(0, 0, 1, b"data on an idle stream"), frame(1, 4, 2, b"\x82"),
    frame(1, 4, 1, b"\xff\xff\xff\xff\xff\xff\xff"), frame(1, 4, 1, b"\x7f" * 50), frame(4, 0, 0, b"\0\0\0"),
    frame(4, 0, 0, struct.pack(">HI", 4, 0x80000000)), frame(6, 0, 0, b"short"), frame(8, 0, 0, struct.pack(">I", 0)),
    frame(8, 0, 0, struct.pack(">I", 0x7FFFFFFF)), frame(9, 4, 1, b"\x82"), frame(3, 0, 1, b"\0\0\0\0"),
    frame(0x42, 0xFF, 77, b"unknown frame types are skipped"), frame(0, 0, 1, b"", length=0xFFFFFF), frame(5, 4, 1, b"\0\0\0\2\x82"),
    frame(7, 0, 0, b"\0\0\0\0\0\0\0\0"), frame(1, 0, 1, b"\x82") + frame(0, 0, 1, b"in between"),
], ids=range(17))
def test_http2_protocol_errors(member, data):
    with socket.create_connection((member.host, member.client_port), timeout=30) as connection:
        connection.sendall(PREFACE + SETTINGS + data)
        connection.settimeout(0.5)
        try:
            while connection.recv(65536):
                pass
        except (TimeoutError, ConnectionError):
            pass


def test_headers_without_end(member):
    """CONTINUATION frames for ever (CVE-2024-27316): cut off, with bounded memory."""
    before = member.rss_kib()
    with socket.create_connection((member.host, member.client_port), timeout=30) as connection:
        connection.sendall(PREFACE + SETTINGS + frame(1, 0, 1, b"\x82\x86"))
        piece = frame(9, 0, 1, b"\x00\x03abc\x7f\x80\x7f" + b"x" * 16000)
        ended = False
        try:
            for _ in range(4000):
                connection.sendall(piece)
        except (ConnectionError, TimeoutError):
            ended = True
    assert ended, "64 MB of headers were taken"
    assert member.rss_kib() - before < 20_000


@pytest.mark.parametrize("request_bytes", [
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 2_000_000 + b"\r\n\r\n",
    b"GET /health HTTP/1.1\r\n" + b"".join(b"H%d: v\r\n" % n for n in range(50_000)) + b"\r\n",
    b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n", b"NONSENSE\r\n\r\n", b"GET\r\n\r\n", b"GET /health\r\n\r\n",
    b"POST /version HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /version HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\n bad: folded\r\n\r\n", b"GET /he\0lth HTTP/1.1\r\nHost: x\r\n\r\n",
], ids=range(13))
def test_bad_http1(member, request_bytes):
    before = member.rss_kib()
    with socket.create_connection((member.host, member.client_port), timeout=30) as connection:
        answer = b""
        try:
            connection.sendall(request_bytes)
            connection.settimeout(2)
            while piece := connection.recv(65536):
                answer += piece
        except (TimeoutError, ConnectionError):
            pass
    assert not answer or answer.startswith(b"HTTP/1."), answer[:100]
    assert not answer.startswith(b"HTTP/1.1 2") or b"GET /health" in request_bytes[:12], answer[:100]
    assert member.rss_kib() - before < 20_000
