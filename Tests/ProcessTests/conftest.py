"""Ours alone, as a real process with its own directory; and a bound in time for every test of this folder."""

import signal

import pytest

from etcdtest import paths
from etcdtest.rpc import Client
from etcdtest.server import Server

BOUND_SECONDS = 300


def pytest_configure(config):
    config.addinivalue_line("markers", f"bounded(seconds): the test fails after so many seconds instead of {BOUND_SECONDS}")


class TookTooLong(BaseException):
    """Not an `Exception`, so that a test which expects errors doesn't take it for one of them."""


@pytest.fixture(autouse=True)
def _bounded(request):
    marker = request.node.get_closest_marker("bounded")
    seconds = marker.args[0] if marker else BOUND_SECONDS

    def late(*_):
        raise TookTooLong(f"not done after {seconds} s")

    previous = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


@pytest.fixture
def stopped():
    """A member that the test configures and starts itself."""
    with Server(paths.OURS, label="ours") as server:
        yield server


@pytest.fixture
def member(stopped):
    """A started member that is ended with the test."""
    return stopped.start()


@pytest.fixture
def client(member):
    client = Client(member.address)
    yield client
    client.close()
