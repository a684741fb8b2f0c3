"""One etcd process on loopback with its own directory and free ports; stopped by its process id."""

import fcntl
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .waiting import PATIENCE

_given_ports: dict[int, object] = {}


def free_port() -> int:
    """A port nobody listens on now, and that no test process has given out.

    From below the range out of which the system takes the ports of outgoing connections: one of those could otherwise hold the
    port at the very moment at which a server starts, or starts again.
    """
    ephemeral = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    locks = pathlib.Path(tempfile.gettempdir()) / "etcd-test-ports"
    locks.mkdir(exist_ok=True)
    while True:
        port = random.SystemRandom().randrange(*((10_000, ephemeral) if ephemeral > 15_000 else (20_000, 65_000)))
        if port in _given_ports:
            continue
        # Held as long as this process lives.
        held = open(locks / str(port), "w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        _given_ports[port] = held
        return port


class NotReady(AssertionError):
    pass


class Server:
    """`directory` is kept over restarts and removed by `close`, unless it was given by the caller."""

    def __init__(self, binary, *, label="server", flags=(), directory=None, environment=None, host="127.0.0.1"):
        self.binary = pathlib.Path(binary)
        self.label = label
        self.flags = list(flags)
        self.environment = dict(environment or {})
        self.owns_directory = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="etcd-test-"))
        self.data = self.directory / "data"
        self.log_path = self.directory / "log"
        self.host = host
        self.client_port = free_port()
        self.peer_port = free_port()
        self.process: subprocess.Popen | None = None
        self.log_offset = 0

    @property
    def address(self) -> str:
        return f"{self.host}:{self.client_port}"

    @property
    def endpoint(self) -> str:
        return f"http://{self.address}"

    @property
    def peer_url(self) -> str:
        return f"http://{self.host}:{self.peer_port}"

    def arguments(self) -> list[str]:
        return [
            str(self.binary), "--name", "default", "--data-dir", str(self.data),
            "--listen-client-urls", self.endpoint, "--advertise-client-urls", self.endpoint,
            "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
            "--initial-cluster", f"default={self.peer_url}", *self.flags,
        ]

    def spawn(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
        environment.update(self.environment)
        self.log_offset = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self.directory)

    def start(self, deadline=PATIENCE) -> "Server":
        self.spawn()
        self.wait_ready(deadline)
        return self

    def wait_ready(self, deadline=PATIENCE) -> None:
        until = time.monotonic() + deadline
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise NotReady(f"{self.label} exited with {self.process.returncode} while starting:\n{self.log_tail()}")
            if "ready to serve client requests" in self.log():
                try:
                    socket.create_connection((self.host, self.client_port), timeout=1).close()
                    return
                except OSError:
                    pass
            time.sleep(0.02)
        raise NotReady(f"{self.label} was not ready after {deadline} s:\n{self.log_tail()}")

    def wait_exit(self, deadline=PATIENCE) -> int:
        return self.process.wait(timeout=deadline)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log(self) -> str:
        """What the present run (since the last spawn) has logged."""
        with open(self.log_path, "rb") as log:
            log.seek(self.log_offset)
            return log.read().decode("utf-8", "replace")

    def log_tail(self, lines=15) -> str:
        return "\n".join(self.log().splitlines()[-lines:])

    def log_entries(self) -> list[dict]:
        entries = []
        for line in self.log().splitlines():
            try:
                entries.append(json.loads(line))
            except ValueError:
                pass
        return entries

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def stop(self, deadline=PATIENCE) -> int | None:
        if not self.running():
            return self.process.returncode if self.process else None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.wait_exit(deadline)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.label} did not stop within {deadline} s of SIGTERM:\n{self.log_tail()}")

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        self.kill()
        if self.owns_directory and not os.environ.get("KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # Figures from the kernel.

    def rss_kib(self) -> int:
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
