"""HTTP/2 by hand (over the h2 package), for clients that misbehave in ways grpcio can't."""

import socket
import time

import h2.config
import h2.connection
import h2.events


class RawClient:
    def __init__(self, server, timeout=90):
        self.socket = socket.create_connection((server.host, server.client_port), timeout=timeout)
        self.connection = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False))
        self.connection.initiate_connection()
        self.flush()
        self.authority = server.address
        self.headers, self.data, self.ended, self.reset, self.goaway = {}, {}, set(), {}, None

    def flush(self):
        self.socket.sendall(self.connection.data_to_send())

    def open(self, path="/etcdserverpb.KV/Put", headers=(), method="POST", content_type="application/grpc") -> int:
        stream = self.connection.get_next_available_stream_id()
        self.connection.send_headers(stream, [
            (":method", method), (":scheme", "http"), (":path", path), (":authority", self.authority),
            ("content-type", content_type), ("te", "trailers"), *headers])
        self.flush()
        return stream

    def send(self, stream, data, end=False):
        while data:
            room = min(
                self.connection.local_flow_control_window(stream), self.connection.max_outbound_frame_size, len(data))
            if room == 0:
                if not self.pump(30):
                    raise TimeoutError("no flow control window")
                continue
            self.connection.send_data(stream, data[:room])
            data = data[room:]
            self.flush()
        if end:
            self.connection.end_stream(stream)
            self.flush()

    def pump(self, timeout) -> bool:
        """Reads once. False when nothing came or the peer closed."""
        self.socket.settimeout(timeout)
        try:
            data = self.socket.recv(65536)
        except (TimeoutError, ConnectionError):
            return False
        if not data:
            return False
        for event in self.connection.receive_data(data):
            if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                self.headers.setdefault(event.stream_id, {}).update(dict(event.headers))
            elif isinstance(event, h2.events.DataReceived):
                self.data[event.stream_id] = self.data.get(event.stream_id, b"") + event.data
                self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.ended.add(event.stream_id)
            elif isinstance(event, h2.events.StreamReset):
                self.reset[event.stream_id] = event.error_code
            elif isinstance(event, h2.events.ConnectionTerminated):
                self.goaway = event.error_code
        try:
            self.flush()
        except OSError:
            return False
        return True

    def finish(self, stream, timeout=90) -> dict:
        """The stream's headers and trailers, once it ended or was reset."""
        until = time.monotonic() + timeout
        while stream not in self.ended and stream not in self.reset and time.monotonic() < until:
            if not self.pump(until - time.monotonic() if until > time.monotonic() else 0.01):
                break
        return self.headers.get(stream, {})

    def close(self):
        self.socket.close()
