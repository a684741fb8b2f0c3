"""`snapshot save`: its output beside the official 3.5.1, and that whatever goes wrong leaves no file behind."""

import contextlib
import hashlib
import re
import signal
import socket
import subprocess
import threading

import pytest

from etcdtest import ctl
from etcdtest.ctl import four_alike, on_terminal
from etcdtest.waiting import PATIENCE, until


def saved(client, side, folder):
    side.client.call("Put", key=b"s", value=b"v")
    done = ctl.run(client, side, ["snapshot", "save", "s.db"], cwd=folder)
    masks = ctl.Masks(side)
    data = (folder / "s.db").read_bytes()
    assert hashlib.sha256(data[:-32]).digest() == data[-32:]
    assert sorted(p.name for p in folder.iterdir()) == ["s.db"]
    assert (folder / "s.db").stat().st_mode & 0o777 == 0o600
    bad = ctl.run(client, side, ["snapshot", "save", "nodir/s.db"], cwd=folder)
    two = ctl.run(client, side, ["snapshot", "save", "t.db"], cwd=folder, endpoints=f"{side.server.address},{side.server.address}")
    return [(d.returncode, masks.text(d.stdout.decode()), masks.text(d.stderr.decode())) for d in (done, bad, two)]


def test_snapshot_save(both, tmp_path):
    def one(client, side):
        folder = tmp_path / f"{side.label}-{client}"
        folder.mkdir()
        return saved(client, side, folder)
    four_alike(both, one)


class Proxy:
    """Between a client and a server: what the server says goes through `change`, which ends the connection by None."""

    def __init__(self, address, change):
        self.change = change
        host, port = address.split(":")
        self.upstream = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.upstream)
                threading.Thread(target=self._forward, args=(near, far), daemon=True).start()
                threading.Thread(target=self._answer, args=(far, near), daemon=True).start()

    def _forward(self, near, far):
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)

    def _answer(self, far, near):
        with contextlib.suppress(OSError):
            while data := far.recv(4096):
                changed = self.change(data)
                if changed is None:
                    break
                near.sendall(changed)
            near.shutdown(socket.SHUT_RDWR)
            far.close()

    def close(self):
        self.listener.close()


@pytest.fixture
def large(both):
    """Enough for a snapshot that is on its way for a moment; and both have it."""
    for number in range(100):
        both.put(b"large%02d" % number, b"MARK" + bytes(range(256)) * 400)
    both.own_ids = True
    return both


def failed_save(both, folder, address):
    """Why a snapshot was not saved; and that nothing is left of it."""
    done = ctl.run("ours", both.ours, ["snapshot", "save", "s.db"], cwd=folder, endpoints=address)
    assert done.returncode == 5 and done.stdout == b"", done
    assert list(folder.iterdir()) == []
    return done.stderr.decode().splitlines()[-1]


def test_a_download_that_breaks_off_leaves_no_file(large, tmp_path):
    """A server that dies meanwhile: no file under the final name, and none beside it."""
    left = [200_000]

    def cut(data):
        left[0] -= len(data)
        return data if left[0] > 0 else None
    proxy = Proxy(large.ours.server.address, cut)
    assert failed_save(large, tmp_path, proxy.address).startswith("Error: rpc error: code = Unavailable desc = error reading from server")
    proxy.close()


def test_a_download_that_is_damaged_on_its_way_leaves_no_file(large, tmp_path):
    changed = []

    def damage(data):
        if not changed and b"MARK" in data:
            changed.append(True)
            return data.replace(b"MARK", b"DENT", 1)
        return data
    proxy = Proxy(large.ours.server.address, damage)
    assert failed_save(large, tmp_path, proxy.address).startswith("Error: sha256 checksum of the download is wrong")
    proxy.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupted", "terminated"])
def test_a_download_that_is_ended_by_its_user_leaves_no_file(large, tmp_path, number):
    """The official one leaves its part behind; ours takes it away."""
    gate = threading.Event()
    left = [200_000]

    def hold(data):
        left[0] -= len(data)
        if left[0] < 0:
            gate.wait()
        return data
    proxy = Proxy(large.ours.server.address, hold)
    process = subprocess.Popen(
        [ctl.CLIENTS["ours"], "snapshot", "save", "s.db", "--endpoints", proxy.address], cwd=tmp_path, stderr=subprocess.PIPE,
        env=ctl.environment())
    until(lambda: (tmp_path / "s.db.part").exists() and (tmp_path / "s.db.part").stat().st_size > 0, "the download's beginning")
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []
    gate.set()
    proxy.close()


def test_a_snapshot_for_which_there_is_no_room_leaves_no_file(large, tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True).returncode != 0:
        pytest.skip("a tmpfs can't be mounted here (needs root)")
    try:
        assert failed_save(large, tmp_path, large.ours.server.address) == (
            "Error: could not write snapshot (write s.db.part: no space left on device)")
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_snapshot_takes_the_place_of_an_older_one(both, tmp_path):
    """And of what a run that was killed has left."""
    both.put(b"s", b"v")
    for client in ("official", "ours"):
        (tmp_path / "s.db").write_bytes(b"older")
        (tmp_path / "s.db.part").write_bytes(bytes(1 << 22))
        done = ctl.run(client, both.ours, ["snapshot", "save", "s.db"], cwd=tmp_path)
        assert done.returncode == 0, done
        data = (tmp_path / "s.db").read_bytes()
        assert hashlib.sha256(data[:-32]).digest() == data[-32:]
        assert [path.name for path in tmp_path.iterdir()] == ["s.db"]
    # A directory is no place for it.
    (tmp_path / "folder/below").mkdir(parents=True)
    for client in ("official", "ours"):
        done = ctl.run(client, both.ours, ["snapshot", "save", "folder"], cwd=tmp_path)
        assert done.returncode == 5 and b"could not rename folder.part to folder (" in done.stderr, done
        assert (tmp_path / "folder/below").is_dir()
        if client == "official":
            (tmp_path / "folder.part").unlink(missing_ok=True)
    assert not (tmp_path / "folder.part").exists()


def test_the_download_s_progress_is_shown_on_a_terminal_alone(large, tmp_path):
    command = [str(ctl.CLIENTS["ours"]), "snapshot", "save", str(tmp_path / "s.db"), "--endpoints", large.ours.server.address]
    text = on_terminal(command, 80)
    bars = re.findall(r"\rdownloading \[([#-]+)\] (\d+)% [^\r\n]*", text)
    assert bars and bars[-1] == ("#" * 30, "100"), text
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=ctl.environment())
    assert done.returncode == 0 and "\r" not in done.stdout + done.stderr and "downloading [" not in done.stderr
