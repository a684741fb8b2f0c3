"""What all tests share: the programs under test, and the pair of servers that cases are sent to."""

import pathlib
import re
import signal

import pytest

from etcdtest import paths
from etcdtest.cluster import Cluster
from etcdtest.pair import SEED, Pair


def pytest_report_header():
    return [f"ours: {paths.OURS}", f"reference: {paths.REFERENCE}", f"random cases: SEED={SEED}"]


def pytest_configure(config):
    # A shell that runs the suite in the background has it ignore interrupts, and so would each program that a test interrupts.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for program in (paths.OURS, paths.REFERENCE):
        if not pathlib.Path(program).exists():
            raise pytest.UsageError(f"{program} does not exist; `make test` builds or unpacks it")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    setattr(item, "report_" + report.when, report)
    if report.failed:
        report.sections.append(("repeat with", f"SEED={SEED}"))


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"random cases: SEED={SEED}")


@pytest.fixture(scope="session")
def _shared_pair():
    pair = Pair()
    yield pair
    pair.close()


@pytest.fixture
def both(_shared_pair, request):
    """The two servers, empty. A case that fails may leave them apart, so the next one gets new ones."""
    _shared_pair.clean()
    yield _shared_pair
    report = getattr(request.node, "report_call", None)
    if report is not None and report.failed or _shared_pair.own_ids:
        _shared_pair.close()
    elif _shared_pair.sides:
        try:
            _shared_pair.same_hash()
        except BaseException:
            _shared_pair.close()
            raise


@pytest.fixture
def clusters(request):
    """Founds clusters that end with the test. The members' logs of a test that failed are kept under .build/failed."""
    made = []

    def found(*kinds, start=True, **options):
        cluster = Cluster(kinds, **options)
        made.append(cluster)
        return cluster.start() if start else cluster
    yield found
    reports = [getattr(request.node, "report_" + when, None) for when in ("setup", "call")]
    failed = any(report is not None and report.failed for report in reports)
    for number, cluster in enumerate(made):
        if failed:
            print(f"cluster {number}:\n{cluster.tails()}")
        kept = paths.BUILD / "failed" / re.sub(r"[^\w.-]+", "-", request.node.name) / str(number)
        cluster.close(keep_logs=kept if failed else None)
