"""A Docker engine of the tests' own, where the machine allows one.

It runs in namespaces of its own for the network, the mounts and the processes: the machine's interfaces, firewall rules and other
engines stay as they are, and everything that the engine has started ends with one process, however the tests end. Ports that
containers publish are reached by programs that are run `inside` its network.

Run as a program this file is the first process of those namespaces.
"""

import fcntl
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[2]
PLUGIN = ROOT / ".build/docker-plugins/docker-compose"
# The engine chooses well itself on most machines. Not on some whose kernel has no overlays, or no firewall.
VARIANTS = ([], ["--storage-driver=vfs"], ["--iptables=false"], ["--storage-driver=vfs", "--iptables=false"])


class Unavailable(Exception):
    """Why there can be no engine here."""


class Engine:
    def __init__(self):
        if os.geteuid() != 0:
            raise Unavailable("only root can start a Docker engine")
        for program in ("dockerd", "docker", "unshare", "nsenter"):
            if not shutil.which(program):
                raise Unavailable(f"there is no {program} program (`.ci/setup.sh docker` installs the engine, or says why not)")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="etcd-docker-"))
        self.log = self.directory / "log"
        self.process: subprocess.Popen | None = None
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("ETCD", "DOCKER", "COMPOSE"))}
        self.environment |= {"DOCKER_HOST": f"unix://{self.directory}/socket", "DOCKER_CONFIG": str(self.directory / "config")}
        # Debian's engine has the classic builder alone.
        self.environment |= {"DOCKER_BUILDKIT": "0"}
        plugins = self.directory / "config/cli-plugins"
        plugins.mkdir(parents=True)
        if PLUGIN.exists():
            (plugins / "docker-compose").symlink_to(PLUGIN)
        if subprocess.run(["docker", "compose", "version"], env=self.environment, capture_output=True).returncode != 0:
            shutil.rmtree(self.directory)
            raise Unavailable("there is no compose plugin (`.ci/setup.sh docker` brings one, or says why not)")
        refusals = []
        enough = time.monotonic() + 90
        try:
            for flags in VARIANTS:
                if time.monotonic() > enough:
                    break
                try:
                    self._start(flags)
                    self._check()
                    return
                except Unavailable as reason:
                    if not refusals or not refusals[-1].endswith(str(reason)):
                        refusals.append(f"{' '.join(['dockerd', *flags])}: {reason}")
                    self._stop()
            raise Unavailable("; ".join(refusals))
        except BaseException:
            self.close()
            raise

    def _start(self, flags) -> None:
        # As short as paths can be: sockets lie below them.
        own = [f"--data-root={self.directory}/data", f"--exec-root={self.directory}/exec", f"--pidfile={self.directory}/pid",
               f"--host={self.environment['DOCKER_HOST']}", f"--cgroup-parent=/{self.directory.name}",
               # systemd would make groups only for processes that it sees.
               "--exec-opt=native.cgroupdriver=cgroupfs"]
        namespaces = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*namespaces, sys.executable, str(HERE), "dockerd", *own, *flags], stdin=subprocess.PIPE, stdout=log, stderr=log,
                env=self.environment, start_new_session=True)
        deadline = time.monotonic() + 90
        while self.run("docker", "info", timeout=60).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                lines = self.log.read_text(errors="replace").strip().splitlines() or ["it ended without a word"]
                raise Unavailable(lines[-1])
            time.sleep(0.1)

    def _check(self) -> None:
        """Containers start, know each other by name, and their ports are reached from outside: not in every sandbox."""
        commands = [
            ["build", "--quiet", "--file", "docker/Dockerfile.local", "--tag", "probe", self.tree()],
            ["network", "create", "probe"],
            ["run", "--detach", "--name", "probe", "--network", "probe", "--publish", "127.0.0.1:2379:2379", "probe",
             "/usr/local/bin/etcd", "--data-dir", "/tmp/probe", "--listen-client-urls", "http://0.0.0.0:2379",
             "--advertise-client-urls", "http://probe:2379"],
        ]
        try:
            for command in commands:
                done = self.run("docker", *command)
                if done.returncode != 0:
                    raise Unavailable(f"docker {command[0]}: {done.stderr.strip()}")
            asked = ["run", "--rm", "--network", "probe", "probe", "/usr/local/bin/etcdctl", "--endpoints=http://probe:2379"]
            self._retry("a container that asks another one by its name", "docker", *asked, "endpoint", "health")
            reach = "import socket; socket.create_connection(('127.0.0.1', 2379), timeout=10)"
            self._retry("a connection to a published port", sys.executable, "-c", reach)
        finally:
            self.run("docker", "rm", "--force", "--volumes", "probe")
            self.run("docker", "network", "rm", "probe")
            self.run("docker", "rmi", "--no-prune", "probe")

    def _retry(self, what, *command) -> None:
        deadline = time.monotonic() + 30
        while (done := self.run(*command)).returncode != 0:
            if time.monotonic() > deadline:
                raise Unavailable(f"{what}: {(done.stderr.strip() or done.stdout.strip())[-300:]}")
            time.sleep(0.2)

    def run(self, *command, timeout=120, **more) -> subprocess.CompletedProcess:
        """Runs a program in the engine's network. `more` are environment variables."""
        inside = ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"]
        try:
            return subprocess.run(
                [*inside, *map(str, command)], env=self.environment | more, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", timeout=timeout, cwd=ROOT)
        except subprocess.TimeoutExpired as late:
            said = b"".join(part or b"" for part in (late.stdout, late.stderr)).decode(errors="replace")
            return subprocess.CompletedProcess(command, 124, "", f"{said}\nnot done after {timeout} s")

    def do(self, *command, **more) -> str:
        done = self.run(*command, **more)
        assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def docker(self, *arguments) -> str:
        return self.do("docker", *arguments)

    def compose(self, *arguments) -> str:
        return self.do("docker", "compose", "-f", "compose/static.yml", *arguments)

    def tree(self) -> pathlib.Path:
        """The files of the image, from what is in .build/dist."""
        tree = self.directory / "tree"
        if not tree.exists():
            self.do("sh", "docker/tree.sh", tree)
        return tree

    def build(self, tag) -> None:
        """As `make image` does it."""
        self.docker("build", "--quiet", "--file", "docker/Dockerfile.local", "--tag", tag, self.tree())

    def _stop(self) -> None:
        if self.process is None:
            return
        # The engine ends its containers before itself when its first process's input does.
        self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            # With it goes its child, the first process of the namespace, and with that everything in there.
            self.process.kill()
            self.process.wait()
        self.process = None
        shutil.rmtree(self.directory / "data", ignore_errors=True)
        shutil.rmtree(self.directory / "exec", ignore_errors=True)

    def close(self) -> None:
        self._stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        for group in [*pathlib.Path("/sys/fs/cgroup").glob(f"*/{self.directory.name}"), pathlib.Path("/sys/fs/cgroup", self.directory.name)]:
            for folder, _, _ in os.walk(group, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    # Some process in it has not gone yet; an empty group does no harm.
                    pass


def first_process(command) -> None:
    """Starts the engine, waits for every process that ends here, and ends when the engine does or its own input."""
    with socket.socket() as any_socket:
        up_and_running = 0x41
        set_flags = 0x8914
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh", b"lo", up_and_running))
    # Where containerd's shims listen: another engine's are not ours.
    os.makedirs("/run/containerd", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run/containerd"], check=True)
    engine = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)])

    def end_with_input():
        while os.read(0, 4096):
            pass
        os.kill(engine, signal.SIGTERM)
        time.sleep(40)
        os._exit(1)

    threading.Thread(target=end_with_input, daemon=True).start()
    while True:
        ended, status = os.wait()
        if ended == engine:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    first_process(sys.argv[1:])
