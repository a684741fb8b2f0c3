"""Watch streams on both servers, read in step and compared response by response.

The reference's stream is read until it has been quiet for a moment, then as many events and answers are awaited from ours.
Where the two still differ, one of them may only be late: both are read on until they agree or patience ends. Within one watch
id the order is compared; between ids etcd promises none.
"""

import queue
import threading
import time

import grpc

from .canonical import canonical
from .rpc import watch
from .waiting import PATIENCE

PATH = "/etcdserverpb.Watch/Watch"
QUIET = 0.12
# For two streams that differ to become alike, after as many events have come from both.
LATE = 20.0


class Stream:
    """One Watch call on one server."""

    def __init__(self, side, metadata=None):
        self.side = side
        self.requests = queue.Queue()
        self.responses = queue.Queue()
        self.end = None
        call = side.client.stream_stream(PATH, watch.WatchRequest, watch.WatchResponse)
        self.call = call(iter(self.requests.get, None), metadata=metadata)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            for response in self.call:
                self.responses.put(response)
            self.end = ("OK", "")
        except grpc.RpcError as error:
            self.end = (error.code().name, error.details())
        self.responses.put(None)

    def send(self, request) -> None:
        self.requests.put(request)

    def until_quiet(self, quiet) -> list:
        got = []
        while True:
            try:
                response = self.responses.get(timeout=quiet)
            except queue.Empty:
                return got
            if response is None:
                return got
            got.append(response)

    def until(self, units: int, patience=PATIENCE) -> list:
        """Reads until that many units (an event, or a response without events, is one) have come."""
        got, deadline = [], time.monotonic() + patience
        while units_of(got) < units:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                response = self.responses.get(timeout=left)
            except queue.Empty:
                break
            if response is None:
                break
            got.append(response)
        return got

    def close(self):
        self.requests.put(None)
        self.call.cancel()


def units_of(responses) -> int:
    return sum(len(r.events) or 1 for r in responses)


class WatchPair:
    """The same Watch call on both. `ignore` names fields left out of every comparison."""

    def __init__(self, pair, metadata=None, ignore=()):
        self.pair = pair
        self.ignore = frozenset(ignore)
        self.streams = [Stream(side, metadata) for side in pair.sides]
        self.seen = [[], []]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for stream in self.streams:
            stream.close()

    def create(self, key, range_end=b"", expect=True, **options) -> list:
        self.send(watch.WatchRequest(create_request=watch.WatchCreateRequest(key=key, range_end=range_end, **options)))
        # History may be cut into responses in any way.
        return self.expect("create", flat="start_revision" in options) if expect else []

    def cancel(self, watch_id) -> list:
        self.send(watch.WatchRequest(cancel_request=watch.WatchCancelRequest(watch_id=watch_id)))
        return self.expect("cancel")

    def progress(self) -> list:
        self.send(watch.WatchRequest(progress_request=watch.WatchProgressRequest()))
        return self.expect("progress")

    def send(self, request) -> None:
        for stream in self.streams:
            stream.send(request)

    def expect(self, what="responses", quiet=QUIET, flat=False, at_least=0) -> list:
        """Compares what came since the last look. Returns the reference's responses.

        `flat` forgets how events were grouped into responses: catching up may batch them differently.
        """
        reference = self.streams[0].until(at_least) if at_least else []
        ours = []
        end = time.monotonic() + LATE
        while True:
            reference += self.streams[0].until_quiet(quiet)
            ours += self.streams[1].until(units_of(reference) - units_of(ours), LATE)
            ours += self.streams[1].until_quiet(0.02)
            plain = self._plain(0, reference, flat), self._plain(1, ours, flat)
            if plain[0] == plain[1] or time.monotonic() > end:
                break
        self.pair.same(f"watch: {what}", *plain)
        return reference

    def _plain(self, index, responses, flat) -> dict:
        names = self.streams[index].side.names
        by_id = {}
        for response in responses:
            plain = canonical(response, names, self.ignore)
            by_id.setdefault(response.watch_id, []).append(plain)
        if flat:
            by_id = {watch_id: _flattened(found) for watch_id, found in by_id.items()}
        return by_id

    def ends(self, patience=PATIENCE) -> None:
        """Both streams end, with the same status."""
        for stream in self.streams:
            stream.thread.join(patience)
        self.pair.same("watch: end of stream", self.streams[0].end, self.streams[1].end)


def _flattened(responses) -> list:
    flat = []
    for response in responses:
        if "events" not in response:
            flat.append(response)
        else:
            flat.extend(response["events"])
    return flat
