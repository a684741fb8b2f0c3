"""Each etcdctl command four times: ours and the official 3.5.1, each against both servers. Standard output, standard error and
exit status are the same; only what differs from run to run (ids, times, terms, revisions before the story) is masked."""

import contextlib
import hashlib
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest

from differences import DIFFERENCES
from etcdtest import ctl
from etcdtest.waiting import PATIENCE, until


class Step:
    def __init__(self, line, *more, stdin="", env=None, change=None, endpoints=None):
        self.arguments = line.split() + list(more)
        self.stdin, self.env, self.change, self.endpoints = stdin, env, change, endpoints


def clean(side):
    side.client.call("DeleteRange", key=b"\0", range_end=b"\0")
    for held in side.client.call("LeaseLeases").leases:
        side.client.call("LeaseRevoke", ID=held.ID)
    for alarm in side.client.call("Alarm").alarms:
        side.client.call("Alarm", action="DEACTIVATE", memberID=alarm.memberID, alarm=alarm.alarm)
    return side.client.call("Range", key=b"\0", count_only=True).header.revision


def play(client, side, steps, cwd):
    base = clean(side)
    masks = ctl.Masks(side, base)
    results = []
    for step in steps:
        arguments = [a.replace("BASE+1", str(base + 1)).replace("BASE+2", str(base + 2)).replace("BASE", str(base)) for a in step.arguments]
        stdin = step.stdin.replace("BASE", str(base))
        done = ctl.run(client, side, arguments, stdin=stdin, env=step.env, endpoints=step.endpoints, cwd=cwd)
        out = done.stdout.decode("utf-8", "backslashreplace")
        err = done.stderr.decode("utf-8", "backslashreplace")
        if "protobuf" in arguments:
            out = f"<{len(done.stdout) > 0}>"
        if step.change:
            out, err = step.change(out), step.change(err)
        results.append((" ".join(step.arguments), done.returncode, masks.text(out), masks.text(err)))
    return results


def same_everywhere(both, steps, tmp_path):
    both.own_ids = True
    wanted = None
    for side in both.sides:
        for client in ("official", "ours"):
            cwd = tmp_path / f"{side.label}-{client}"
            cwd.mkdir()
            got = play(client, side, steps, cwd)
            if wanted is None:
                wanted = got
            for expected, actual in zip(wanted, got):
                assert actual == expected, f"{client} etcdctl on {side.label}: {expected[0]}"


def hashes(text):
    """Hashes depend on what was before the story; the field hash_revision is 3.6's."""
    return re.sub(r'(, |"?[hH]ash"? ?: ?)\d+', r"\1<hash>", re.sub(r',"hash_revision":\d+', "", text))


def _help(text):
    """Without the version, and the tool's list of commands: ours has not all yet, and some that 3.5.1 has not."""
    text = re.sub(r"VERSION:\n\t[\d.]+\n", "VERSION:\n\t<version>\n", text)
    return re.sub(r"(etcdctl - A simple[^\0]*?COMMANDS:\n)[^\0]*?\n\n", r"\1<commands>\n\n", text)


S = Step
ALL = ("simple", "json", "fields", "protobuf", "table")

STORIES = {
    "put": [S("put foo bar"), *[S(f"put foo bar2 -w {w}") for w in ALL], S("put foo bar3 --prev-kv"),
            *[S(f"put foo bar4 --prev-kv -w {w}") for w in ("json", "fields")], S("put new v --prev-kv"), S("put in", stdin="line1\nline2\n"),
            S("get in -w json"), S("put foo x --hex --prev-kv"), S("put -- -k -v"), S("get -- -k"), S("put k --", "-v"), S("put a b c")],
    "put refused": [S("put"), S("put missing --ignore-value"), S("put missing --ignore-lease v"), S("put k v --lease=zz"),
                    S("put k v --lease=123"), S("put", "", "v"), S("put foo --ignore-value v"), S("put k v --lease=-1"),
                    S("put k v --lease="), S("put k v --lease=0x1")],
    "put ignoring": [S("put foo bar"), S("put foo --ignore-value"), S("put foo x --ignore-lease"), S("get foo -w fields")],
    "get": [S("put a b"), S("put a1 v1"), S("put a2 v2"), S("put b1 w1"), *[S(f"get a -w {w}") for w in ALL], S("get a --prefix"),
            S("get a --prefix --keys-only"), S("get a --prefix --print-value-only"), S("get a --prefix --count-only"),
            *[S(f"get a --prefix --count-only -w {w}") for w in ("fields", "json")], *[S(f"get a --prefix --limit 2 -w {w}") for w in ("json", "fields")],
            S("get a --prefix --order DESCEND --sort-by KEY"), S("get a --prefix --order descend"), S("get a --prefix --sort-by CREATE --order DESCEND"),
            S("get a --prefix --sort-by VALUE"), S("get a --prefix --sort-by MODIFY --order ASCEND"), S("get a --prefix --sort-by VERSION"),
            S("get a1 a3"), S("get a2 --from-key"), S("get", "", "--prefix"), S("get", "", "--from-key"), S("get a --rev BASE+1"), S("get a --consistency s"),
            S("get a --hex"), S("get a --prefix --hex --keys-only"), S("get a --hex -w json"), S("get nothing"), S("get nothing -w json"),
            S("get nothing -w fields"), S("get a b c"), S("get a --limit=-1"), S("get a --rev=-1")],
    "get refused": [S("get"), S("get foo --rev 99999999"), S("get foo --consistency x"), S("get foo --order UP"), S("get foo --sort-by NAME"),
                    S("get foo --prefix --from-key"), S("get foo --keys-only --count-only"), S("get foo --print-value-only -w json"),
                    S("get foo -w bogus"), S("get a b --prefix"), S("get", "")],
    "bytes": [S("put", "q\"\\\t\u00e9", "x\u0001\n\"y\u200b\u00ad<&>"), S("get q --prefix -w fields"), S("get q --prefix -w json"), S("get q --prefix"),
              S("get q --prefix --hex")],
    "del": [*[S(f"put d{n} x") for n in range(1, 9)], S("del d1"), *[S(f"del d{n + 2} -w {w}") for n, w in enumerate(("json", "fields", "protobuf"))],
            S("del nosuch"), S("del nosuch -w json"), S("del d5 --prev-kv"), S("del d6 --prev-kv -w json"), S("del d7 --prev-kv -w fields"), S("del d --prefix"),
            S("put q1 1"), S("put q2 2"), S("put q3 3"), S("del q1 q3"), S("del q --from-key"), S("put a b"), S("del a -w table"), S("get a")],
    "del refused": [S("del"), S("del b c d"), S("del x --prefix --from-key"), S("del a b --prefix"), S("del", "")],
    "txn": [S("put foo bar5"),
            S("txn", stdin='value("foo") = "bar5"\n\nput foo ok\nget foo\n\nput foo fail\n\n'),
            S("txn", stdin='value("foo") = "bar5"\n\nput foo ok\nget foo\n\nput foo fail\n\n'),
            *[S(f"txn -w {w}", stdin='version("foo") > "0"\n\nget foo\ndel nosuch\nput t1 v1\n\n\n') for w in ALL],
            S("txn -i", stdin='mod("foo") > "0"\n\nput foo interactive\n\nget foo\n\n'),
            S("txn", stdin='ver("foo") > "0"\nc("foo") > "0"\nm("foo") > "1"\nval("foo") != "x"\n\nget foo\ndel nosuch\nget a1 a3\nget t --prefix\n'
              'put t2 "two words" --lease=0\ndel t2 --prev-kv\nput "a\\nb" "c\\"d" --prev-kv\nget foo --keys-only\nget t --prefix --limit=1\n\n\n'),
            S("txn --hex", stdin='version("foo") < "1"\n\n\nget foo\n\n'), S("txn", stdin="\n\n\n"), S("txn -w json", stdin="\n\n\n")],
    "txn refused": [S("txn", stdin='bogus("foo") = "1"\n\n\n\n'), S("txn", stdin="\nput a 1\nput a 2\n\n\n"), S("txn", stdin="\nfrobnicate a\n\n\n"),
                    S("txn extra"), S("txn", stdin=""), S("txn", stdin='ver("a") = "1"'), S("txn", stdin='ver("a") = "1"\n'),
                    S("txn", stdin='mod("a") = "x"\n\n\n\n'), S("txn", stdin='val("a") = 1\n\n\n\n'), S("txn", stdin='mod("a" = 1\n\n\n\n'),
                    S("txn", stdin="nothing\n\n\n\n"), S("txn", stdin="\nput\n\n\n"), S("txn", stdin="\nput a\n\n\n"), S("txn", stdin="\ndel a b c\n\n\n")],
    "compaction": [S("put a 1"), S("put a 2"), S("put a 3"), S("compaction BASE+1"), S("compaction BASE+1"), S("compaction BASE+2 --physical -w fields"),
                   S("compaction 99999999"), S("compaction abc"), S("compaction"), S("compaction 1 2"), S("get a --rev BASE+1"),
                   S("watch a --rev BASE+1"), S("watch a --rev BASE+1 -w json"), S("endpoint hashkv --rev BASE+1", change=hashes)],
    "lease": [S("lease grant abc"), S("lease grant"), S("lease grant 1 2"), S("lease grant 9000000001"), S("lease revoke 1234"), S("lease revoke"),
              S("lease revoke xyz"), S("lease list"), S("lease list -w json", change=lambda t: t.replace(',"leases":null', '').replace(',"leases":[]', '')),
              S("lease list -w fields"), S("lease timetolive 1234"), *[S(f"lease timetolive 1234 -w {w}") for w in ("json", "fields")],
              S("lease timetolive xyz"), S("lease timetolive"), S("lease keep-alive --once 1234"), S("lease keep-alive 1234"),
              S("lease keep-alive"), S("lease keep-alive zz"), S("lease grant 100 -w table"), S("lease timetolive 12 -w table")],
    "alarm": [S("alarm list"), *[S(f"alarm list -w {w}") for w in ("json", "fields", "table")], S("alarm list x"), S("alarm disarm"), S("alarm disarm -w json"),
              S("alarm disarm x"), S("alarm", change=_help)],
    "member": [S("member list"), *[S(f"member list -w {w}") for w in ALL if w != "table"], S("member list --hex -w json"), S("member list --hex -w fields"),
               S("member list -w table", change=lambda t: re.sub(r"[-+ ]+", " ", t)), S("member add"), S("member add a b"), S("member add a http://x:1"),
               S("member add m5"), S("member add m5 --peer-urls=bad"), S("member remove"), S("member remove zz"), S("member update 12"),
               S("member update"), S("member update zz --peer-urls=http://127.0.0.1:1"),
               S("member promote"), S("member promote zz"), S("member remove 1234"), S("member update 1234 --peer-urls=http://127.0.0.1:1"),
               S("member promote 1234")],
    "endpoint": [S("endpoint health"), *[S(f"endpoint health -w {w}") for w in ("json", "fields", "protobuf")], S("endpoint health --cluster"),
                 S("endpoint hashkv", change=hashes), S("endpoint hashkv -w fields", change=hashes), S("endpoint hashkv -w json", change=hashes),
                 S("endpoint hashkv --rev 99999999"), S("endpoint status -w fields"), S("endpoint status -w protobuf"), S("endpoint status x -w fields"),
                 S("endpoint", change=_help)],
    "move-leader": [S("move-leader"), S("move-leader zz"), S("move-leader 1234")],
    "defrag": [S("defrag"), S("defrag -w json"), S("defrag --cluster"), S("defrag x")],
    "usage": [S("bogus"), S("gte a"), S("get foo --bogus"), S("get foo -x"), S("get foo --limit=abc"), S("get foo --limit"), S("get foo -w"),
              S("get foo --command-timeout=5"), S("get --prefix=maybe a"), S("get foo --=x"), S("lease bogus", change=_help),
              S("get --help=false nothing"), S("put a b --dial-timeout=1x"), S("check perf --load bogus"), S("check datascale --load=zz"),
              S("get a --limit=1_0"), S("get a --limit=1__0"), S("get a --limit=0x10"), S("get a -wjson"), S("get a --command-timeout=0s"),
              S("put a b --command-timeout=-1s"), S("get a --endpoints=", endpoints=""), S("get a --endpoints=127.0.0.1:1,", "--command-timeout=100ms", endpoints=""),
              S("help lease grant", change=_help), S("help", change=_help), S("pu a b"), S("me list"), S("lease bogus 12", change=_help),
              S("get a --help=true", change=_help), S("get a --user=:pw"), S("put k 1"), S("check perf --prefix k"), S("check datascale --prefix k"),
              S("snapshot save"), S("snapshot save a b")],
    "environment": [S("get foo", env={"ETCDCTL_BOGUS": "1"}), S("get foo", env={"ETCDCTL_ENDPOINTS": "127.0.0.1:1"}), S("get foo", env={"ETCDCTL_WRITE_OUT": "json"}),
                    S("get", env={"ETCDCTL_BOGUS": "1"}), S("endpoint status -w fields", env={"ETCDCTL_CLUSTER": "true"}), S("put foo bar"),
                    S("get foo", env={"ETCDCTL_HEX": "true"}), S("get foo --hex", env={"ETCDCTL_HEX": "true"}), S("get foo --hex", env={"ETCDCTL_HEX": ""}),
                    S("get foo", env={"ETCDCTL_CERT": "", "ETCDCTL_DISCOVERY_SRV": ""}), S("get foo", env={"ETCDCTL_LIMIT": "1"}),
                    S("get foo", env={"ETCDCTL_CLUSTER": "true"}), S("get foo", env={"ETCDCTL_WRITE_OUT": "bogus"}),
                    S("get foo -w json", env={"ETCDCTL_WRITE_OUT": "fields"}), S("get foo", env={"etcdctl_hex": "true"}),
                    S("get foo --endpoints=127.0.0.1:1", env={"ETCDCTL_ENDPOINTS": "127.0.0.1:1"}, endpoints=""),
                    S("get foo", env={"ETCDCTL_ENDPOINTS": "127.0.0.1:1,127.0.0.1:2", "ETCDCTL_COMMAND_TIMEOUT": "100ms"}, endpoints=""),
                    S("get foo", env={"ETCDCTL_WATCH_KEY": "b"}), S("get foo", env={"ETCDCTL_WATCH_RANGE_END": "b"}),
                    S("endpoint health", env={"ETCDCTL_CLUSTER": "1"}), S("endpoint health --cluster", env={"ETCDCTL_CLUSTER": "1"}),
                    S("member list", env={"ETCDCTL_HEX": "1", "ETCDCTL_WRITE_OUT": "json"}), S("alarm list", env={"ETCDCTL_KEEPALIVE_TIME": "3s"})],
    "unreachable": [*[S(f"{c} --command-timeout=300ms", endpoints="127.0.0.1:1") for c in (
        "get foo", "put a b", "del a", "compaction 1", "member list", "lease grant 10", "alarm list", "endpoint health", "endpoint status",
        "endpoint hashkv", "defrag", "endpoint health -w json", "endpoint status -w json")],
        S("get foo --command-timeout=300ms", endpoints="127.0.0.1"), S("get foo --command-timeout=300ms", endpoints="unix:///tmp/nosuch.sock")],
}

HELP = ["", "get", "put", "del", "txn", "compaction", "alarm", "alarm list", "alarm disarm", "defrag", "endpoint", "endpoint health", "endpoint status",
        "endpoint hashkv", "move-leader", "watch", "version", "lease", "lease grant", "lease revoke", "lease timetolive", "lease list", "lease keep-alive",
        "member", "member add", "member remove", "member update", "member list", "member promote", "snapshot save", "check", "check perf", "check datascale"]
STORIES["help"] = [S(f"{c} --help", endpoints="", change=_help) for c in HELP] + [S("help get", endpoints=""), S("", endpoints="", change=_help)]


@pytest.mark.parametrize("name", STORIES)
def test_a_command_s_output_and_status_are_the_official_ones(both, name, tmp_path):
    same_everywhere(both, STORIES[name], tmp_path)


def settings(text):
    """What --debug prints of the flags; the log of the libraries behind it is each one's own."""
    return [line for line in text.splitlines() if line.startswith("ETCDCTL_")]


@pytest.mark.parametrize("env", [{}, {"ETCDCTL_DIAL_TIMEOUT": "90s", "ETCDCTL_KEEPALIVE_TIME": "1500ms"}], ids=["flags", "environment"])
def test_debug_prints_all_settings(both, env):
    line = ["get", "a", "--debug", "--command-timeout=60s", "--hex"]
    told = [settings(ctl.run(client, both.ours, line, env=env).stderr.decode()) for client in ("official", "ours")]
    assert told[0] == told[1] != []


def test_debug_tells_of_connections_and_keeps_passwords(both):
    done = ctl.run("ours", both.ours, ["get", "a", "--debug", "--user=me:secret", "--password=secret"])
    text = done.stderr.decode()
    assert "secret" not in text
    assert "ETCDCTL_USER=me:<hidden>" in text and "ETCDCTL_PASSWORD=<hidden>" in text
    assert f'connected to {both.ours.server.address}"' in text


@pytest.mark.parametrize("name", ["a bad value in the environment", "a demand for encryption"])
def test_where_ours_differs_with_a_reason(both, name):
    expected = DIFFERENCES[name]
    line, env, official, ours = {
        "a bad value in the environment": (["get", "a"], {"ETCDCTL_HEX": "maybe"}, 0, 1),
        "a demand for encryption": (["get", "a", "--insecure-transport=false", "--command-timeout=300ms"], {}, 1, 4)}[name]
    told = {client: ctl.run(client, both.ours, line, env=env) for client in ("official", "ours")}
    assert (told["official"].returncode, told["ours"].returncode) == (official, ours), expected.reason
    assert expected.ours in told["ours"].stderr.decode()


# The checks write under full load or for a minute, so each runs once for all pairs, all four at the same time.

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


def is_at_home(label, client):
    """Ours with ours, the official with the official."""
    return (label == "ours") == (client == "ours")


def plain_check(who, line):
    """A line without its figures. Which way a measure turns out is the machine's."""
    line = line.replace(f"/{who[1]}/", "<prefix>")
    line = re.sub(r"^(PASS|FAIL): (Throughput|Slowest request|Stddev)[^\d]*[\d.]+", r"<verdict>: \2", line)
    return re.sub(r"(revision|used :) [\d.]+", r"\1 <n>", line)


def test_check_perf_to_its_end(both):
    """Bar, measures, last word and exit status; with the store tidied up behind it."""
    told = checked(both, ["check", "perf"], alone=["--auto-compact", "--auto-defrag"])
    lines = {who: [plain_check(who, line) for line in got["out"]] for who, got in told.items()}
    for who, got in told.items():
        verdicts = [line.split(":")[0] for line in got["out"] if re.match("(PASS|FAIL):", line)]
        assert len(verdicts) == 3, (who, got)
        good = "FAIL" not in verdicts
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


# A process of its own with one thread, because it forks.
TERMINAL = """
import fcntl, os, pty, struct, sys, termios
process, terminal = pty.fork()
if process == 0:
    # The size first: the command asks for it as soon as it runs.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    sys.stdout.buffer.write(piece)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""


def on_terminal(command, columns) -> str:
    """What a command prints on a terminal of its own."""
    done = subprocess.run(
        [sys.executable, "-c", TERMINAL, str(columns), *command], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
        env=ctl.environment())
    assert done.returncode == 0, done
    return done.stdout.decode()


# Leases by their ids, which the servers choose.

def lease_story(client, side, tmp):
    masks = ctl.Masks(side, clean(side))
    lines = []

    def step(*arguments, keys=False):
        done = ctl.run(client, side, [a.replace("ID", f"{lease:x}") if lease else a for a in arguments])
        out = done.stdout.decode()
        if lease:
            out = out.replace(f"{lease:016x}", "<lease>").replace(str(lease), "<lease>")
        if keys:
            out = re.sub(r"\[lk1 lk2\]|\[lk2 lk1\]", "<keys>", out)
            out = re.sub(r'"bGs[xy]","bGs[xy]"', "<keys>", out)
            out = "\n".join(sorted(out.splitlines()))
        lines.append((arguments, done.returncode, masks.text(out), masks.text(done.stderr.decode())))
        return done.stdout.decode()

    lease = 0
    granted = step("lease", "grant", "600")
    lines.clear()
    lease = int(re.match(r"lease ([0-9a-f]{16}) granted with TTL\(600s\)", granted)[1], 16)
    step("put", "lk1", "v", "--lease=ID")
    step("put", "lk2", "v", "--lease=ID")
    step("get", "lk1", "-w", "fields")
    step("get", "lk1", "-w", "json")
    for writer in ("simple", "json", "fields"):
        step("lease", "timetolive", "ID", "-w", writer)
        step("lease", "timetolive", "ID", "--keys", "-w", writer, keys=True)
        step("lease", "list", "-w", writer)
        step("lease", "keep-alive", "--once", "ID", "-w", writer)
    step("lease", "revoke", "ID")
    step("lease", "revoke", "ID")
    step("get", "lk1")
    running = ctl.Running(client, side, ["lease", "keep-alive", "1"])
    lines.append(running.finish())
    return lines


def grant_output(client, side, writer):
    masks = ctl.Masks(side, clean(side))
    done = ctl.run(client, side, ["lease", "grant", "60", "-w", writer])
    return done.returncode, re.sub(r'\b[0-9a-f]{16}\b|"ID" ?: ?\d+', "<lease>", masks.text(done.stdout.decode()))


def test_leases(both, tmp_path):
    four_alike(both, lambda client, side: lease_story(client, side, tmp_path))
    for writer in ("simple", "json", "fields"):
        four_alike(both, lambda client, side: grant_output(client, side, writer))


def four_alike(both, play_one):
    both.own_ids = True
    got = {(side.label, client): play_one(client, side) for side in both.sides for client in ("official", "ours")}
    wanted = got["reference", "official"]
    for who, result in got.items():
        assert result == wanted, who


# Commands that go on until they are stopped.

# The whole of the last event in any format, so that the interrupt comes after it: the official client prints it piece by piece.
LAST = re.compile(rb'(w9\nEND\n|\\x77\\x39\n\\x45\\x4e\\x44\n|RU5E.*\}\n|"END"\n"Lease" : 0\n)$')


def watch_output(client, side, arguments, *, env=None, last=LAST):
    base = clean(side)
    masks = ctl.Masks(side, base)
    for key, value in ((b"w1", b"v1"), (b"w1", b"v2"), (b"w2", b"x")):
        side.client.call("Put", key=key, value=value)
    side.client.call("DeleteRange", key=b"w1")
    running = ctl.Running(client, side, [a.replace("BASE", str(base + 1)) for a in arguments], env=env)
    # The story's own end, so that nothing has to be waited for by the clock.
    running.wait_for(lambda out: b"w2" in out or b"dzI=" in out or b"x77" in out.lower() and b"x32" in out, "events")
    side.client.call("Put", key=b"w9", value=b"END")
    running.wait_for(last.search, "the last event and all that follows of it")
    out, err = running.interrupt()
    return masks.text(per_event(out.decode())), masks.text(err.decode())


def per_event(text):
    """JSON and fields print a header for each response; how many responses the events come in is the server's to choose."""
    text = re.sub(r'\{"Header":\{[^}]*\},"Events":\[|\],"CompactRevision":0,"Canceled":false,"Created":false\}\n', ",", text)
    text = re.sub(r'"ClusterID" : \d+\n"MemberID" : \d+\n"Revision" : \d+\n"RaftTerm" : \d+\n', "", text)
    text = re.sub(r",+", ",", text)
    return re.sub(r"ETCD_WATCH_REVISION=\d+", "ETCD_WATCH_REVISION=<n>", text)


@pytest.mark.parametrize("arguments", [
    ["watch", "w", "--prefix", "--rev=BASE"], ["watch", "w", "--prefix", "--rev=BASE", "--prev-kv"], ["watch", "w1", "x", "--rev=BASE", "-w", "json"],
    ["watch", "w", "--prefix", "--rev=BASE", "-w", "fields", "--prev-kv"], ["watch", "w", "--prefix", "--rev=BASE", "--hex"],
], ids=" ".join)
def test_watch(both, arguments):
    four_alike(both, lambda client, side: watch_output(client, side, arguments))


def test_watch_runs_a_program_for_each_event(both):
    program = ["watch", "w", "--prefix", "--rev=BASE", "--", "sh", "-c", "env | grep ^ETCD_WATCH | sort"]

    def events(client, side):
        out, err = watch_output(client, side, program, last=re.compile(rb'ETCD_WATCH_VALUE="END"\n$'))
        # Output of the tool and of the program alternate by responses.
        return sorted(out.splitlines()), err
    four_alike(both, events)


def test_watch_takes_its_key_from_the_environment(both):
    four_alike(both, lambda client, side: watch_output(
        client, side, ["watch", "--rev=BASE"], env={"ETCDCTL_WATCH_KEY": "w", "ETCDCTL_WATCH_RANGE_END": "x"}))


def test_watch_refusals(both, tmp_path):
    same_everywhere(both, [
        S("watch"), S("watch a b --prefix"), S("watch a --"), S("watch -- echo"), S("watch a", env={"ETCDCTL_WATCH_KEY": "b"}), S("watch a --rev=abc"),
        S("watch a", env={"ETCDCTL_WATCH_RANGE_END": "b"}), S("watch", env={"ETCDCTL_WATCH_KEY": "b", "ETCDCTL_WATCH_RANGE_END": "c", "ETCDCTL_WRITE_OUT": "x"}),
        S("watch -i", stdin=""), S("watch -i", stdin="watch\nfoo\n\nwatch --prefix a b\n"), S("watch a -w bogus")], tmp_path)


def dialogue(client, side):
    base = clean(side)
    for key in (b"w1", b"w2"):
        side.client.call("Put", key=key, value=b"1")
    running = ctl.Running(client, side, ["watch", "-i"])
    running.type(f"watch w1 --rev={base + 1}\n")
    running.wait_for(lambda out: b"w1\n1\n" in out, "the first watch's event")
    running.type(f"watch w2 w3 --rev={base + 1} --prev-kv\n")
    running.wait_for(lambda out: b"w2\n1\n" in out, "the second watch's event")
    side.client.call("Put", key=b"w2", value=b"2")
    running.wait_for(lambda out: b"w2\n2\n" in out, "the second watch's second event")
    out, err = running.interrupt()
    return out, err


def test_watch_interactively(both):
    four_alike(both, dialogue)


# Snapshots.

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


def test_one_endpoint_of_two_is_enough(both):
    """Fail-over: the dead one is named first."""
    both.put(b"k", b"v")
    for command, expected in ((["get", "k"], "k\nv\n"), (["put", "k", "v"], "OK\n"), (["lease", "list"], "found 0 leases\n")):
        for side in both.sides:
            done = ctl.run("ours", side, command, endpoints=f"127.0.0.1:1,{side.server.address}")
            assert (done.returncode, done.stdout.decode()) == (0, expected), done.stderr


def test_completion_scripts_are_read_by_their_shells(both):
    import shutil
    import subprocess
    for shell in ("bash", "zsh", "fish"):
        done = ctl.run("ours", both.ours, ["completion", shell], endpoints="")
        assert done.returncode == 0 and "etcdctl" in done.stdout.decode()
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=done.stdout, check=True)
