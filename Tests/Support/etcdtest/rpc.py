"""The calls of the v3 API over grpcio, with messages compiled from Sources/Wire/Protos at the first import."""

import fcntl
import subprocess
import sys

import grpc

from . import paths
from .waiting import PATIENCE


def _compile_stubs() -> None:
    protos = sorted((paths.ROOT / "Sources/Wire/Protos").glob("*.proto"))
    out = paths.BUILD / "python-stubs"
    out.mkdir(parents=True, exist_ok=True)
    with open(out / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max(p.stat().st_mtime for p in protos)
        stamp = out / ".made"
        if not stamp.exists() or stamp.stat().st_mtime < newest:
            subprocess.run(
                [sys.executable, "-m", "grpc_tools.protoc", "-I.", f"--python_out={out}", *[p.name for p in protos]],
                check=True, cwd=protos[0].parent)
            stamp.touch()
    sys.path.insert(0, str(out))


_compile_stubs()

import cluster_pb2 as cluster  # noqa: E402
import header_pb2 as header  # noqa: E402
import health_pb2 as health  # noqa: E402
import kv_pb2 as kv  # noqa: E402
import lease_pb2 as lease  # noqa: E402
import maintenance_pb2 as maintenance  # noqa: E402
import mvcc_pb2 as mvcc  # noqa: E402
import watch_pb2 as watch  # noqa: E402

_UNARY = {
    "KV": (kv, {"Range": "Range", "Put": "Put", "DeleteRange": "DeleteRange", "Txn": "Txn", "Compact": "Compaction"}),
    "Lease": (lease, {n: n for n in ("LeaseGrant", "LeaseRevoke", "LeaseTimeToLive", "LeaseLeases")}),
    "Cluster": (cluster, {n: n for n in ("MemberAdd", "MemberRemove", "MemberUpdate", "MemberList", "MemberPromote")}),
    "Maintenance": (maintenance, {
        n: n for n in ("Alarm", "Status", "Defragment", "Hash", "HashKV", "MoveLeader", "Downgrade")}),
}

# Method name -> (path, request class, response class)
UNARY = {
    method: (f"/etcdserverpb.{service}/{method}", getattr(module, stem + "Request"), getattr(module, stem + "Response"))
    for service, (module, methods) in _UNARY.items() for method, stem in methods.items()
}
UNARY["Check"] = ("/grpc.health.v1.Health/Check", health.HealthCheckRequest, health.HealthCheckResponse)

_OPTIONS = [
    ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
    ("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0), ("grpc.enable_retries", 0),
]


class Client:
    def __init__(self, address: str, options=()):
        self.channel = grpc.insecure_channel(address, options=[*_OPTIONS, *options])
        self._calls = {}

    def unary(self, method: str):
        call = self._calls.get(method)
        if call is None:
            path, request, response = UNARY[method]
            call = self.channel.unary_unary(
                path, request_serializer=request.SerializeToString, response_deserializer=response.FromString)
            self._calls[method] = call
        return call

    def call(self, method: str, request=None, timeout=PATIENCE, metadata=None, **fields):
        if request is None:
            request = UNARY[method][1](**fields)
        return self.unary(method)(request, timeout=timeout, metadata=metadata)

    def raw(self, path: str, body: bytes, timeout=PATIENCE, metadata=None) -> bytes:
        return self.channel.unary_unary(path)(body, timeout=timeout, metadata=metadata)

    def stream_stream(self, path, request, response):
        return self.channel.stream_stream(
            path, request_serializer=request.SerializeToString, response_deserializer=response.FromString)

    def snapshot(self, timeout=PATIENCE):
        return self.channel.unary_stream(
            "/etcdserverpb.Maintenance/Snapshot", request_serializer=maintenance.SnapshotRequest.SerializeToString,
            response_deserializer=maintenance.SnapshotResponse.FromString)(
                maintenance.SnapshotRequest(), timeout=timeout)

    def close(self) -> None:
        self.channel.close()
