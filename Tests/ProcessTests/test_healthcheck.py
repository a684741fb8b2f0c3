"""`etcd healthcheck`: the liveness question that container images ask with the executable itself."""

import subprocess

from etcdtest import paths



def check(*arguments):
    return subprocess.run(
        [str(paths.OURS), "healthcheck", *arguments], capture_output=True, text=True, timeout=60)


def test_a_running_member_is_alive_and_a_stopped_one_is_not(stopped):
    stopped.start()
    alive = check("--endpoint", stopped.endpoint)
    assert (alive.returncode, alive.stderr) == (0, ""), alive
    stopped.kill()
    dead = check("--endpoint", stopped.endpoint)
    assert dead.returncode == 1 and "Connection refused" in dead.stderr, dead


def test_a_bad_endpoint_is_a_usage_error():
    bad = check("--endpoint", "nonsense")
    assert bad.returncode == 2 and "nonsense" in bad.stderr, bad


def test_it_says_when_process_1_is_no_member():
    # On a machine, not in a container of ours: process 1 is something else.
    other = check()
    assert other.returncode == 1 and "--endpoint" in other.stderr, other
