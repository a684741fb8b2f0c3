"""`check perf` and `check datascale` to their ends, ours and the official 3.5.1 against both servers: bars, measures, last words and
exit status. Figures are each run's own."""

import re
import subprocess

import pytest

from etcdtest import ctl
from etcdtest.ctl import clean, on_terminal
from etcdtest.waiting import PATIENCE


# They write under full load or for a minute, so that all four run at the same time.

def checked(both, arguments, alone=()):
    """What the four print, and how they end. `alone`: flags of which a server can bear only one client's at a time."""
    both.own_ids = True
    running = {}
    for side in both.sides:
        clean(side)
        for client in ("official", "ours"):
            where = ["--endpoints", side.server.address, "--prefix", f"/{client}/", *arguments[2:]]
            more = alone if is_at_home(side.label, client) else ()
            running[side.label, client] = subprocess.Popen(
                [ctl.CLIENTS[client], *arguments[:2], *where, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=ctl.environment({"ETCDCTL_COMMAND_TIMEOUT": "60s"}))
    told = {}
    for who, process in running.items():
        out, err = (text.decode() for text in process.communicate(timeout=60 + PATIENCE))
        # The official client draws its bar in another thread, anywhere among the lines.
        bars = re.findall(r"\r( \d+ / \d+ +\d+\.\d\d%(?: [\dhms]+)?)", out)
        lines = re.sub(r"\r \d+ / \d+ +\d+\.\d\d%( [\dhms]+)?", "", out).splitlines()
        told[who] = {"exit": process.returncode, "bars": bars, "out": [line for line in lines if line], "err": err}
    for side in both.sides:
        assert side.client.call("Range", key=b"\0", range_end=b"\0", count_only=True).count == 0, "keys are left"
    return told


MEASURE = r"^(PASS: |FAIL: |)(Throughput|Slowest request|Stddev)"


def is_at_home(label, client):
    """Ours with ours, the official with the official."""
    return (label == "ours") == (client == "ours")


def plain_check(who, line):
    """A line without its figures. Which way a measure turns out is the machine's."""
    line = line.replace(f"/{who[1]}/", "<prefix>")
    line = re.sub(MEASURE + r"[^\d]*[\d.]+", r"<verdict>: \2", line)
    return re.sub(r"(revision|used :) [\d.]+", r"\1 <n>", line)


def test_check_perf_to_its_end(both):
    """Bar, measures, last word and exit status; with the store tidied up behind it."""
    told = checked(both, ["check", "perf"], alone=["--auto-compact", "--auto-defrag"])
    lines = {who: [plain_check(who, line) for line in got["out"]] for who, got in told.items()}
    for who, got in told.items():
        verdicts = [match[1] for match in (re.match(MEASURE, line) for line in got["out"]) if match]
        assert len(verdicts) == 3, (who, got)
        # Of what is too slow etcd says so without the word FAIL.
        good = verdicts == ["PASS: "] * 3 and "FAIL: too many errors" not in got["out"]
        assert (got["exit"], got["out"][-1]) == ((0, "PASS") if good else (1, "FAIL")), (who, got)
        address = both.sides[who[0] == "ours"].server.address
        want = ["Compacting with revision <n>", "Compacted with revision <n>", f'Defragmenting "{address}"', f'Defragmented "{address}"']
        want = want if is_at_home(*who) else []
        assert [line for line in lines[who] if "revision" in line or "Defrag" in line] == want, (who, got)
        assert "<verdict>: Throughput writes/s" in lines[who] and "<verdict>: Stddevs" in lines[who] and "<verdict>: Slowest requests" in lines[who]
    for who, got in told.items():
        assert got["bars"][0] == " 0 / 60    0.00%", (who, got["bars"])
        # The official client may end before its bar.
        assert who[1] == "official" or re.fullmatch(r" 60 / 60  100.00% 1m\d+s", got["bars"][-1]), (who, got["bars"])
        for bar in got["bars"][1:-1]:
            assert re.fullmatch(r" \d+ / 60 [ \d]{3}\d\.\d\d%( \d\dm\d\ds)?", bar), (who, bar)
    # Five times a second on a machine with time to spare.
    assert 10 <= len(told["ours", "ours"]["bars"]) <= 400


def test_check_datascale(both):
    told = checked(both, ["check", "datascale", "--load=s"])
    for who, got in told.items():
        assert (got["exit"], got["err"]) == (0, ""), (who, got)
        assert [plain_check(who, line) for line in got["out"]] == [
            "Start data scale check for work load [10000 key-value pairs, 1024 bytes per key-value, 50 concurrent clients].",
            "PASS: Approximate system memory used : <n> MB."], (who, got)
        assert got["bars"][0] == " 0 / 10000    0.00%", (who, got["bars"])
        assert who[1] == "official" or re.fullmatch(r" 10000 / 10000  100.00% [\dms]+", got["bars"][-1]), (who, got["bars"])


@pytest.mark.parametrize("columns", [80, 40, 20])
def test_the_bar_on_a_terminal_is_as_wide_as_it(both, columns):
    """As the official one draws it, letter by letter, where both show the same count; the time left is each machine's."""
    both.own_ids = True
    bars = {}
    for client in ("official", "ours"):
        clean(both.ours)
        text = on_terminal([str(ctl.CLIENTS[client]), "check", "datascale", "--endpoints", both.ours.server.address], columns)
        lines = [re.sub(r" \d\dm\d\ds", "", line) for line in text.split("\r") if re.match(r" \d+ / 10000 ", line)]
        assert len(lines) >= 2, text
        assert all(len(line) <= columns + 1 or columns < 40 for line in lines), lines
        bars[client] = lines
    assert bars["ours"][0] == bars["official"][0]
    # The last has the time that it took; the official client may end before it draws it.
    shape = {client: re.sub(r"o+|\d+s", "", lines[-1].strip()) for client, lines in bars.items()}
    assert shape["ours"].startswith("10000 / 10000 ") and "100.00%" in shape["ours"], bars["ours"][-1]
    if "100.00%" in shape["official"]:
        assert shape["ours"] == shape["official"]
