"""HTTP/2 by hand: frames and header blocks as bytes, so that a test can send any of them wrongly."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
RANGE = "/etcdserverpb.KV/Range"


def frame(kind: int, payload=b"", flags=0, stream=0, length=None) -> bytes:
    """`length` other than the payload's makes a frame that lies about itself."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def block(fields) -> bytes:
    """Literal fields without indexing and without Huffman."""
    out = b""
    for name, value in fields:
        out += b"\0" + _string(name) + _string(value)
    return out


def _string(text) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode()
    if len(raw) < 127:
        return bytes([len(raw)]) + raw
    rest, out = len(raw) - 127, bytearray([127])
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    return bytes(out) + bytes([rest]) + raw


def call_headers(path=RANGE, extra=()) -> bytes:
    return block([
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"),
        ("content-type", "application/grpc"), ("te", "trailers"), *extra])


def call(message: bytes, stream=1, path=RANGE, extra=()) -> bytes:
    """A whole unary call; `message` comes with its five bytes of gRPC prefix."""
    return frame(HEADERS, call_headers(path, extra), END_HEADERS, stream) + frame(DATA, message, END_STREAM, stream)


def grpc_message(body: bytes, compressed=0, length=None) -> bytes:
    return struct.pack(">BI", compressed, len(body) if length is None else length) + body


def hello() -> bytes:
    return PREFACE + frame(SETTINGS)


def read_until(connection: socket.socket, wanted, deadline=90.0) -> bytes:
    """Reads until `wanted(bytes so far)`, the end of the connection, or the deadline (an error)."""
    connection.settimeout(deadline)
    data = b""
    while not wanted(data):
        try:
            piece = connection.recv(65536)
        except ConnectionError:
            break
        if not piece:
            break
        data += piece
    return data


def parse(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """Whole frames of what was read: (kind, flags, stream, payload)."""
    frames, at = [], 0
    while at + 9 <= len(data):
        size = int.from_bytes(data[at:at + 3], "big")
        if at + 9 + size > len(data):
            break
        stream = int.from_bytes(data[at + 5:at + 9], "big") & 0x7FFF_FFFF
        frames.append((data[at + 3], data[at + 4], stream, data[at + 9:at + 9 + size]))
        at += 9 + size
    return frames


def stream_ended(stream: int):
    """For `read_until`: the stream has come to an end, or the connection is going away."""
    def wanted(data: bytes) -> bool:
        return any(
            kind == GOAWAY or (number == stream and (kind == RST_STREAM or (kind in (DATA, HEADERS) and flags & END_STREAM)))
            for kind, flags, number, _ in parse(data))
    return wanted
