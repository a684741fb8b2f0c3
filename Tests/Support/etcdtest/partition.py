"""A small network of namespaces, in which members can be cut off from each other while clients reach all of them.

Every member has a namespace of its own, joined by a wire to one that routes. What is cut there is dropped in silence, one way or
both, as by a broken switch. Needs root and `ip`; nothing of the machine's own network is changed but for one interface.
"""

import contextlib
import os
import shutil
import subprocess
import sys

_made = 0


class Unavailable(Exception):
    """Why there can be no such network here."""


def _ip(*arguments, namespace=None) -> None:
    inside = ["-n", namespace] if namespace else []
    done = subprocess.run(["ip", *inside, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(f"ip {' '.join([*inside, *arguments])}: {done.stderr.strip()}")


class Network:
    def __init__(self, hosts: int):
        global _made
        if not shutil.which("ip"):
            raise Unavailable("there is no ip program")
        if os.geteuid() != 0:
            raise Unavailable("only root makes network namespaces")
        _made += 1
        stem = f"et{os.getpid() % 100_000}x{_made}"
        # Out of the block for tests between networks, RFC 2544.
        self.subnet = f"198.{18 + os.getpid() % 2}.{(os.getpid() // 2 + _made) % 256}"
        self.router, self.wire = f"{stem}r", f"{stem}w"
        self.namespaces = [f"{stem}n{number}" for number in range(hosts)]
        self.addresses = [f"{self.subnet}.{number + 1}" for number in range(hosts)]
        self.rules: list[list[str]] = []
        try:
            self._make()
            self._check()
        except Unavailable:
            self.close()
            raise

    def _make(self) -> None:
        _ip("netns", "add", self.router)
        _ip("link", "add", self.wire, "type", "veth", "peer", "name", "w", "netns", self.router)
        _ip("address", "add", f"{self.subnet}.254/32", "dev", self.wire)
        _ip("link", "set", self.wire, "up")
        _ip("link", "set", "w", "up", namespace=self.router)
        _ip("address", "add", f"{self.subnet}.253/32", "dev", "w", namespace=self.router)
        _ip("route", "add", f"{self.subnet}.253/32", "dev", self.wire)
        _ip("route", "add", f"{self.subnet}.0/24", "via", f"{self.subnet}.253", "dev", self.wire)
        _ip("route", "add", f"{self.subnet}.254/32", "dev", "w", namespace=self.router)
        forward = subprocess.run(
            ["ip", "netns", "exec", self.router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], capture_output=True, text=True)
        if forward.returncode != 0:
            raise Unavailable(f"no forwarding in a namespace: {forward.stderr.strip()}")
        for number, (namespace, address) in enumerate(zip(self.namespaces, self.addresses)):
            _ip("netns", "add", namespace)
            _ip("link", "add", f"n{number}", "netns", self.router, "type", "veth", "peer", "name", "e", "netns", namespace)
            _ip("link", "set", f"n{number}", "up", namespace=self.router)
            _ip("address", "add", f"{self.subnet}.253/32", "dev", f"n{number}", namespace=self.router)
            _ip("route", "add", f"{address}/32", "dev", f"n{number}", namespace=self.router)
            _ip("link", "set", "lo", "up", namespace=namespace)
            _ip("link", "set", "e", "up", namespace=namespace)
            _ip("address", "add", f"{address}/32", "dev", "e", namespace=namespace)
            _ip("route", "add", f"{self.subnet}.253/32", "dev", "e", namespace=namespace)
            _ip("route", "add", "default", "via", f"{self.subnet}.253", "dev", "e", namespace=namespace)

    def _check(self) -> None:
        """The first host is reached from here and from the last one: some machines have namespaces that lead nowhere."""
        listen = "import socket; s = socket.create_server((%r, 7)); print(flush=True); s.accept(); s.accept()" % self.addresses[0]
        reach = "import socket; socket.create_connection((%r, 7), timeout=10)" % self.addresses[0]
        inside = ["ip", "netns", "exec"]
        with subprocess.Popen([*inside, self.namespaces[0], sys.executable, "-c", listen], stdout=subprocess.PIPE) as listener:
            try:
                listener.stdout.readline()
                for where in ([], [*inside, self.namespaces[-1]]):
                    reached = subprocess.run([*where, sys.executable, "-c", reach], capture_output=True, text=True)
                    if reached.returncode != 0:
                        raise Unavailable(f"the namespaces do not reach each other: {reached.stderr.strip().splitlines()[-1]}")
            finally:
                listener.kill()

    def inhabit(self, cluster) -> None:
        """Before the start: every member moves into a namespace."""
        for member, namespace, address in zip(cluster.members, self.namespaces, self.addresses):
            member.host, member.prefix = address, ["ip", "netns", "exec", namespace]

    def cut(self, sender, receiver) -> None:
        """What `sender` says no longer reaches `receiver`."""
        rule = ["from", sender.host, "to", receiver.host, "blackhole"]
        _ip("rule", "add", *rule, "pref", "100", namespace=self.router)
        self.rules.append(rule)

    def part(self, one, other) -> None:
        self.cut(one, other)
        self.cut(other, one)

    def heal(self) -> None:
        for rule in self.rules:
            _ip("rule", "del", *rule, "pref", "100", namespace=self.router)
        self.rules = []

    def close(self) -> None:
        for namespace in (*self.namespaces, self.router):
            with contextlib.suppress(Unavailable):
                _ip("netns", "del", namespace)
        with contextlib.suppress(Unavailable):
            _ip("link", "del", self.wire)
