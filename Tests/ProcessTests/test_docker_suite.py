"""The executable of the image is every program of the suite, by the name it is called by."""

import os
import shutil
import subprocess

import pytest

from etcdtest import paths
from etcdtest.server import Server

DIST = paths.OURS.parent
PROGRAMS = ("etcd", "etcdctl", "etcdutl")


@pytest.fixture
def names(tmp_path):
    """As docker/tree.sh lays them out: one file, several names."""
    shutil.copy(DIST / "etcd-suite", tmp_path / "etcd")
    for name in (*PROGRAMS[1:], "etcd-next", "etcd-suite"):
        os.link(tmp_path / "etcd", tmp_path / name)
    return tmp_path


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)


def outcome(*command):
    done = run(*command)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["--version"], ["--nosuch"], ["snapshot", "status", "nosuch"]])
def test_each_name_is_the_program_of_that_name(names, program, arguments):
    separate = outcome(DIST / program, *arguments)
    assert outcome(names / program, *arguments) == separate
    assert outcome(names / "etcd-suite", program, *arguments) == separate


def test_an_unknown_name_is_told_the_known_ones(names):
    for command in (["etcd-next", "version"], ["etcd-suite"], ["etcd-suite", "nosuch"]):
        done = run(names / command[0], *command[1:])
        assert done.returncode == 2 and not done.stdout
        assert "it knows etcd, etcdctl, etcdutl" in done.stderr


def test_a_member_under_the_suites_name_serves(names):
    with Server(names / "etcd", label="suite") as server:
        server.start()
        put = run(names / "etcdctl", "--endpoints", server.endpoint, "put", "foo", "bar")
        assert put.stdout == "OK\n", put
        assert run(names / "etcdctl", "--endpoints", server.endpoint, "get", "foo").stdout == "foo\nbar\n"
        assert run(names / "etcd", "healthcheck", "--endpoint", server.endpoint).returncode == 0
