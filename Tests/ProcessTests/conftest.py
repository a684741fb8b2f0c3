"""Ours alone, as a real process with its own directory."""

import pytest

from etcdtest import paths
from etcdtest.rpc import Client
from etcdtest.server import Server


@pytest.fixture
def member():
    """A started member that is ended with the test."""
    with Server(paths.OURS, label="ours") as server:
        server.start()
        yield server


@pytest.fixture
def client(member):
    client = Client(member.address)
    yield client
    client.close()


@pytest.fixture
def stopped():
    """A member that the test configures and starts itself."""
    with Server(paths.OURS, label="ours") as server:
        yield server
