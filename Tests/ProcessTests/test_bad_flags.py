"""What is wrong on the command line or in the environment is named, with the nearest right thing, before anything is touched."""

import pathlib
import socket
import subprocess

import pytest

from etcdtest import paths
from etcdtest.server import Server, free_port
from etcdtest.waiting import PATIENCE, until


def run(*arguments, environment=None, cwd=None, deadline=PATIENCE):
    """Exit status and all output of a start that should fail at once."""
    done = subprocess.run(
        [str(paths.OURS), *arguments], capture_output=True, text=True, timeout=deadline, cwd=cwd, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", **(environment or {})})
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--snapshot-cuont", "5"], ["--snapshot-cuont", "--snapshot-count"]),
    (["--data-dirr=x"], ["--data-dirr", "--data-dir"]),
    (["-listen-client-url", "http://127.0.0.1:1"], ["listen-client-url", "listen-client-urls"]),
    (["--quota-backend-byte", "1"], ["--quota-backend-bytes"]),
    (["--zzzzzzzzzzzzzzzzzzzz"], ["--zzzzzzzzzzzzzzzzzzzz"]),
    (["--max-txn-ops", "many"], ["--max-txn-ops", "many"]),
    (["--max-txn-ops=-1"], ["--max-txn-ops", "-1"]),
    (["--max-txn-ops=99999999999999999999"], ["--max-txn-ops"]),
    (["--heartbeat-interval", "1s"], ["--heartbeat-interval", "1s"]),
    (["--auto-compaction-retention", "soon", "--auto-compaction-mode", "periodic"], ["--auto-compaction-retention", "soon"]),
    (["--listen-client-urls", "127.0.0.1:2379"], ["--listen-client-urls", "127.0.0.1:2379"]),
    (["--listen-client-urls", "http://name.example:2379"], ["--listen-client-urls", "name.example"]),
    (["--listen-client-urls", "http://127.0.0.1:99999"], ["--listen-client-urls", "99999"]),
    (["--listen-client-urls", "gopher://127.0.0.1:2379"], ["gopher"]),
    (["--initial-cluster-state", "old"], ["--initial-cluster-state", "old"]),
    (["--log-level", "loud"], ["--log-level", "loud"]),
    (["--election-timeout", "10", "--heartbeat-interval", "100"], ["--election-timeout"]),
    (["--data-dir"], ["--data-dir"]),
    (["stray"], ["stray"]),
], ids=lambda value: " ".join(value) if value and value[0].startswith("-") else None)
def test_a_wrong_flag_is_named(tmp_path, arguments, words):
    status, output = run(*arguments, cwd=tmp_path)
    assert status != 0
    for word in words:
        assert word in output, output
    assert len(output) < 2000, "the error drowns in text"
    assert not list(tmp_path.iterdir()), "something was written"


def test_a_flag_and_its_variable_both_set_are_refused(tmp_path):
    status, output = run("--max-txn-ops", "5", environment={"ETCD_MAX_TXN_OPS": "6"}, cwd=tmp_path)
    assert status != 0
    assert "ETCD_MAX_TXN_OPS" in output and "--max-txn-ops" in output
    assert not list(tmp_path.iterdir())


def test_a_wrong_value_in_the_environment_is_named(tmp_path):
    status, output = run(environment={"ETCD_MAX_TXN_OPS": "many"}, cwd=tmp_path)
    assert status != 0 and "ETCD_MAX_TXN_OPS" in output and "many" in output


def test_an_unknown_variable_is_a_warning(stopped):
    stopped.environment = {"ETCD_SNAPSHOT_CUONT": "5"}
    stopped.start()
    assert "ETCD_SNAPSHOT_CUONT" in stopped.log()


def test_the_environment_is_taken(stopped):
    stopped.environment = {"ETCD_LOG_LEVEL": "warn"}
    stopped.spawn()
    # At this level "ready" is not said, so the port tells.
    until(lambda: socket.create_connection((stopped.host, stopped.client_port)), stopped.log_tail).close()
    assert '"level":"info"' not in stopped.log()


def test_an_address_in_use_is_named(stopped):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        stopped.client_port = holder.getsockname()[1]
        stopped.spawn()
        assert stopped.wait_exit() != 0
        assert f"127.0.0.1:{holder.getsockname()[1]}" in stopped.log() and "in use" in stopped.log(), stopped.log_tail()


def test_an_address_of_another_machine_is_named(stopped):
    stopped.flags = ["--listen-client-urls", f"http://192.0.2.1:{free_port()}"]
    stopped.spawn()
    assert stopped.wait_exit() != 0
    assert "192.0.2.1" in stopped.log(), stopped.log_tail()


def test_version_and_help_do_nothing_else(tmp_path):
    status, output = run("--version", cwd=tmp_path)
    assert status == 0 and output.startswith("etcd Version: 3.6.")
    status, output = run("--help", cwd=tmp_path)
    assert status == 0 and "--listen-client-urls" in output and "--snapshot-count" in output
    assert not list(tmp_path.iterdir())


def test_a_socket_file_left_by_a_killed_member_does_not_hinder_the_next(stopped, tmp_path):
    path = pathlib.Path(tmp_path) / "etcd.sock"
    stopped.flags = ["--listen-client-urls", f"{stopped.endpoint},unix://{path}"]
    stopped.start()
    stopped.kill()
    assert path.exists()
    stopped.start()


def test_a_socket_file_in_use_is_not_taken_away(member, tmp_path):
    path = pathlib.Path(tmp_path) / "held.sock"
    with socket.socket(socket.AF_UNIX) as holder, Server(paths.OURS, label="ours") as second:
        holder.bind(str(path))
        holder.listen()
        second.flags = ["--listen-client-urls", f"{second.endpoint},unix://{path}"]
        second.spawn()
        assert second.wait_exit() != 0
        assert "held.sock" in second.log(), second.log_tail()
        socket.socket(socket.AF_UNIX).connect(str(path))
