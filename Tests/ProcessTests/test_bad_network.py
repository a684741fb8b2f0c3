"""What a client, or anything that can reach the port, may send: the member refuses it, goes on serving and stays small."""

import concurrent.futures
import contextlib
import pathlib
import random
import resource
import select
import socket
import time

import pytest

from etcdtest import paths
from etcdtest.pair import SEED, http
from etcdtest.rpc import Client, kv
from etcdtest.server import Server
from etcdtest.waiting import PATIENCE
from frames import (
    ACK, CONTINUATION, DATA, END_HEADERS, GOAWAY, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS, WINDOW_UPDATE, block,
    call, call_headers, frame, grpc_message, hello, parse, read_until, stream_ended)

# 64 MiB of answers may wait for one connection, with room for what they are made and copied in.
UNREAD, UNREAD_PEAK_KIB = 3000, 256 * 1024
BIGGEST = 0xFFFF_FFFF
# No single one of these tests may cost the member more than this; what it once took it may keep for reuse.
GROWTH_KIB = 96 * 1024


@pytest.fixture(scope="module")
def served():
    with Server(paths.OURS, label="ours") as server:
        yield server.start()


@pytest.fixture
def target(served):
    """The member, which must serve after the test as before it."""
    if not served.running():
        served.start()
    before = served.rss_kib()
    yield served
    assert served.running(), f"the member is gone:\n{served.log_tail()}"
    serves(served)
    grown = served.rss_kib() - before
    assert grown < GROWTH_KIB, f"the member grew by {grown} KiB"


def serves(server) -> None:
    client = Client(server.address)
    stamp = b"%d" % time.monotonic_ns()
    client.call("Put", key=b"serves", value=stamp)
    assert client.call("Range", key=b"serves").kvs[0].value == stamp
    client.close()
    assert http(server.endpoint + "/health")[0] == 200


def connect(server) -> socket.socket:
    return socket.create_connection((server.host, server.client_port), timeout=PATIENCE)


def say(server, data: bytes, wanted=lambda data: False, deadline=PATIENCE) -> bytes:
    """Sends and reads until `wanted` or the end. Whether the member takes all of it is its own business."""
    with connect(server) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
        return read_until(connection, wanted, deadline)


def closed_by(server, data: bytes, deadline=PATIENCE) -> bytes:
    """What was answered before the member closed the connection."""
    return say(server, data, deadline=deadline)


def goaway(data: bytes) -> int | None:
    """The error code of the first GOAWAY."""
    return next((int.from_bytes(payload[4:8], "big") for kind, _, _, payload in parse(data) if kind == GOAWAY), None)


ILL_FRAMED = {
    "a frame longer than allowed": frame(DATA, b"x" * 100, stream=1, length=0xFFFFFF) + b"x" * 1000,
    "headers longer than a frame may be": frame(HEADERS, b"", END_HEADERS, 1, length=0xFFFFF0),
    "settings of a length that is no multiple of six": frame(SETTINGS, b"12345"),
    "settings on a stream": frame(SETTINGS, b"", 0, 3),
    "an acknowledgement with content": frame(SETTINGS, b"123456", ACK),
    "an impossible window size": frame(SETTINGS, b"\x00\x04\xff\xff\xff\xff"),
    "an impossible frame size": frame(SETTINGS, b"\x00\x05\x00\x00\x00\x01"),
    "a ping of the wrong length": frame(PING, b"1234"),
    "a window update of zero": frame(WINDOW_UPDATE, b"\0\0\0\0"),
    "a window beyond its end": frame(WINDOW_UPDATE, b"\x7f\xff\xff\xff") * 2,
    "data on stream 0": frame(DATA, b"x"),
    "data on an idle stream": frame(DATA, b"x", 0, 9),
    "headers on an even stream": frame(HEADERS, call_headers(), END_HEADERS, 2),
    "a continuation of nothing": frame(CONTINUATION, b"", END_HEADERS, 1),
    "another frame inside a header block": frame(HEADERS, call_headers()[:10], 0, 1) + frame(PING, b"12345678"),
    "a header block that cannot be decoded": frame(HEADERS, b"\xff\xff\xff\xff\xff\xff", END_HEADERS, 1),
    "a table index that does not exist": frame(HEADERS, b"\xfe", END_HEADERS, 1),
    "a reset of an idle stream": frame(RST_STREAM, b"\0\0\0\x08", 0, 7),
    "a push promise": frame(5, b"\0\0\0\x02", END_HEADERS, 1),
}


@pytest.mark.parametrize("bad", ILL_FRAMED.values(), ids=ILL_FRAMED.keys())
def test_an_ill_formed_frame_ends_the_connection_with_its_reason(target, bad):
    answer = closed_by(target, hello() + bad)
    assert goaway(answer), f"no GOAWAY with an error code in {parse(answer)}"


def test_a_client_that_leaves_inside_any_frame(target):
    """Cut after every byte of a good call."""
    whole = hello() + call(grpc_message(b"\x0a\x01a"))
    for cut in range(1, len(whole)):
        with connect(target) as connection:
            connection.sendall(whole[:cut])


@pytest.mark.parametrize("message", [
    b"", b"\0", b"\0\0\0\0", grpc_message(b"\x0a\x01a", length=100), grpc_message(b"\x0a\x01a", length=1),
    grpc_message(b"", length=BIGGEST), grpc_message(b"\x0a\x01a", length=0x7FFF_FFFF), grpc_message(b"junk", compressed=1),
    grpc_message(b"\x0a\x01a", compressed=77), grpc_message(b"\x0a\x01a") * 2, grpc_message(b"\x0a\xff\xff\xff\xff\x0fx"),
    grpc_message(b"\x0a" + b"\xff" * 9 + b"\x01"),
], ids=[
    "none", "1 byte", "4 bytes", "shorter than it says", "longer than it says", "4 GiB", "2 GiB", "compressed, but how",
    "unknown flag", "two messages", "a field of 4 GiB", "a field of 2^64 bytes"])
def test_a_bad_grpc_message_is_an_error_of_its_call_alone(target, message):
    answer = say(target, hello() + call(message) + call(grpc_message(b"\x0a\x01a"), stream=3), stream_ended(3))
    frames = parse(answer)
    assert any(stream == 1 and kind in (HEADERS, RST_STREAM) for kind, _, stream, _ in frames), frames
    assert any(stream == 3 and kind == DATA for kind, _, stream, _ in frames), "the next call of the connection was not answered"


def test_giant_messages_are_refused_without_being_held(target):
    """A hundred calls that announce 2 GiB each and begin to send it."""
    piece = grpc_message(b"x" * 16000, length=0x7FFF_FFFF)
    with connect(target) as connection:
        connection.sendall(hello())
        with contextlib.suppress(ConnectionError):
            for number in range(100):
                stream = 2 * number + 1
                connection.sendall(frame(HEADERS, call_headers(), END_HEADERS, stream) + frame(DATA, piece, 0, stream))
        answer = read_until(connection, stream_ended(1))
        assert stream_ended(1)(answer), "the call was not refused"


def test_giant_headers_are_refused(target):
    big = block([("x-big", "y" * 16000)])
    data = hello() + frame(HEADERS, call_headers(), 0, 1) + b"".join(frame(CONTINUATION, big, 0, 1) for _ in range(2000))
    closed_by(target, data)


MALFORMED_HTTP1 = {
    "endless target": b"GET " + b"/" * 200_000,
    "endless headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100_000,
    "endless header": b"GET / HTTP/1.1\r\nX: " + b"y" * 1_000_000,
    "length beyond 64 bits": b"POST /v3/kv/range HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "negative length": b"POST /v3/kv/range HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "giant chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "words": b"nonsense\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "zeros": b"\0" * 1000,
    "broken preface": b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
    "unknown version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "empty lines": b"\r\n" * 50_000,
}
REFUSALS = {b"400", b"404", b"405", b"408", b"411", b"413", b"414", b"431", b"501", b"505"}


def refused(answer: bytes) -> bool:
    """Closed without a word, with an HTTP/1.1 error, or, where it looked like HTTP/2, after the server's own preface."""
    return answer == b"" or (answer.startswith(b"HTTP/1.1 ") and answer[9:12] in REFUSALS) or answer[3:4] == bytes([SETTINGS])


def test_malformed_http1_gets_an_error_or_the_end(target):
    with concurrent.futures.ThreadPoolExecutor(len(MALFORMED_HTTP1)) as pool:
        answers = pool.map(lambda first: closed_by(target, first, deadline=PATIENCE), MALFORMED_HTTP1.values())
        for name, answer in zip(MALFORMED_HTTP1, answers):
            assert refused(answer), f"{name}: {answer[:200]}"


def test_random_bytes_on_the_port(target):
    choices = random.Random(f"{SEED}/garbage")
    starts = [b"", PREFACE, hello(), hello() + frame(HEADERS, call_headers(), END_HEADERS, 1), b"GET ", b"POST / HTTP/1.1\r\n"]
    for _ in range(300):
        with connect(target) as connection, contextlib.suppress(ConnectionError):
            connection.sendall(choices.choice(starts) + choices.randbytes(choices.randrange(1, 3000)))


def test_good_calls_with_bytes_changed_at_random(target):
    choices = random.Random(f"{SEED}/mutants")
    good = hello() + b"".join(call(grpc_message(b"\x0a\x01a\x12\x01b"), stream) for stream in (1, 3, 5))
    for _ in range(400):
        bad = bytearray(good)
        for _ in range(choices.randrange(1, 6)):
            bad[choices.randrange(len(PREFACE), len(bad))] = choices.randrange(256)
        with connect(target) as connection, contextlib.suppress(ConnectionError):
            connection.sendall(bad)
            connection.shutdown(socket.SHUT_WR)
            read_until(connection, lambda data: False, deadline=5) if choices.random() < 0.1 else None


def test_streams_opened_and_reset_at_once(target):
    """The attack of CVE-2023-44487: the member may end the connection but not suffer."""
    with connect(target) as connection, contextlib.suppress(ConnectionError, TimeoutError):
        connection.sendall(hello())
        connection.settimeout(5)
        for number in range(40_000):
            stream = 2 * number + 1
            connection.sendall(frame(HEADERS, call_headers(), END_HEADERS, stream) + frame(RST_STREAM, b"\0\0\0\x08", 0, stream))


def test_floods_of_control_frames_do_not_pile_up(target):
    """The client never reads, so that the answers cannot leave."""
    for flood in (frame(PING, b"12345678"), frame(SETTINGS)):
        with connect(target) as connection, contextlib.suppress(ConnectionError, TimeoutError):
            connection.settimeout(3)
            connection.sendall(hello())
            for _ in range(200):
                connection.sendall(flood * 1000)


HALF_SAID = {
    "nothing": b"", "one byte": b"G", "half a head": b"GET / HTTP/1.1\r\nHost:", "half a preface": PREFACE[:10],
    "most of a preface": b"PRI * HTTP/2.0\r\n\r\n",
}


def test_clients_that_stop_before_their_first_request_are_let_go(target):
    with concurrent.futures.ThreadPoolExecutor(len(HALF_SAID)) as pool:
        said = {name: pool.submit(closed_by, target, first) for name, first in HALF_SAID.items()}
        kept = [name for name, answer in said.items() if answer.exception()]
    assert not kept, f"still connected: {kept}"


def test_a_client_that_sends_a_byte_at_a_time_is_let_go(target):
    """Slow loris: bytes keep coming, the head never ends."""
    until = time.monotonic() + PATIENCE
    with connect(target) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() < until:
            if select.select([connection], [], [], 0.3)[0]:
                break
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"X")
        else:
            pytest.fail("still connected")


def descriptor_limit(wanted: int) -> str | None:
    """Raises this process's limit, which the member inherits. The reason where that can't be done."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted and hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (ValueError, OSError):
            return f"needs {wanted} descriptors, the hard limit is {hard}"
    elif soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return None


@pytest.mark.bounded(600)
def test_ten_thousand_idle_connections():
    count = 10_000
    if reason := descriptor_limit(count + 500):
        pytest.skip(reason)
    with Server(paths.OURS, label="ours") as server, contextlib.ExitStack() as held:
        server.start()
        before = server.rss_kib()
        connections = []
        for _ in range(count):
            connection = held.enter_context(connect(server))
            connection.sendall(hello())
            connections.append(connection)
        for connection in connections:
            assert read_until(connection, lambda data: len(data) >= 9, deadline=PATIENCE)[3] == SETTINGS
        grown = server.rss_kib() - before
        print(f"{grown / count:.1f} KiB per idle connection, {server.rss_kib() / 1024:.0f} MiB in all")
        assert grown < count * 24, f"{grown} KiB for {count} idle connections"
        for _ in range(5):
            serves(server)
        # The least of some samples: on a loaded machine the same work takes more time of a processor.
        assert min(share_of_a_processor(server, 2) for _ in range(3)) < 0.2, "idle connections keep the member busy"
        # All of them still there, and one can begin at any time.
        for connection in connections[::500]:
            connection.sendall(call(grpc_message(b"\x0a\x01a")))
            assert stream_ended(1)(read_until(connection, stream_ended(1)))


def share_of_a_processor(server, seconds) -> float:
    cpu, began = server.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    return (server.cpu_seconds() - cpu) / (time.monotonic() - began)


def test_http1_http2_and_the_upgrade_on_one_port(target):
    for path in ("/version", "/health", "/metrics"):
        status, _, body = http(target.endpoint + path)
        assert status == 200 and body
    # RFC 7540 §3.2: the request of the upgrade is answered on stream 1.
    request = (b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
               b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
    with connect(target) as connection:
        connection.sendall(request)
        head = read_until(connection, lambda data: b"\r\n\r\n" in data)
        status, _, rest = head.partition(b"\r\n\r\n")
        assert status.startswith(b"HTTP/1.1 101"), head
        connection.sendall(hello())
        answer = rest + read_until(connection, lambda data: stream_ended(1)(rest + data))
    assert b"etcdserver" in b"".join(p for kind, _, stream, p in parse(answer) if kind == DATA and stream == 1)


def peak_kib(server) -> int:
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


@contextlib.contextmanager
def unread_answers(member):
    """One connection that asked for thousands of answers of a megabyte, with the widest window, and reads none."""
    client = Client(member.address)
    for number in range(64):
        client.call("Put", key=b"big/%d" % number, value=b"x" * 16_000)
    client.close()
    request = grpc_message(kv.RangeRequest(key=b"big/", range_end=b"big0").SerializeToString())
    with connect(member) as connection:
        with contextlib.suppress(ConnectionError, TimeoutError):
            connection.settimeout(3)
            window = frame(SETTINGS, b"\x00\x04\x7f\xff\xff\xff") + frame(WINDOW_UPDATE, b"\x7f\xff\x00\x00")
            connection.sendall(PREFACE + window)
            for number in range(UNREAD):
                connection.sendall(call(request, 2 * number + 1))
        yield


def test_answers_that_nobody_reads_are_bounded(member):
    with unread_answers(member):
        # Answered by the loop that has to hold the others, so all of them had their turn by then.
        assert http(member.endpoint + "/version")[0] == 200
    assert peak_kib(member) < UNREAD_PEAK_KIB, f"{peak_kib(member)} KiB for {UNREAD} answers nobody reads"
    serves(member)


def test_a_client_that_does_not_read_takes_nothing_from_the_others(member):
    with unread_answers(member):
        for _ in range(5):
            serves(member)
