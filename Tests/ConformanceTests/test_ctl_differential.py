"""Each etcdctl command four times: ours and the official 3.5.1, each against both servers. Standard output, standard error and
exit status are the same; only what differs from run to run (ids, times, terms, revisions before the story) is masked."""

import re
import shutil
import subprocess

import pytest

from differences import DIFFERENCES
from etcdtest import ctl
from etcdtest.ctl import clean, four_alike


class Step:
    def __init__(self, line, *more, stdin="", env=None, change=None, endpoints=None):
        self.arguments = line.split() + list(more)
        self.stdin, self.env, self.change, self.endpoints = stdin, env, change, endpoints


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


def test_one_endpoint_of_two_is_enough(both):
    """Fail-over: the dead one is named first."""
    both.put(b"k", b"v")
    for command, expected in ((["get", "k"], "k\nv\n"), (["put", "k", "v"], "OK\n"), (["lease", "list"], "found 0 leases\n")):
        for side in both.sides:
            done = ctl.run("ours", side, command, endpoints=f"127.0.0.1:1,{side.server.address}")
            assert (done.returncode, done.stdout.decode()) == (0, expected), done.stderr


def test_completion_scripts_are_read_by_their_shells(both):
    for shell in ("bash", "zsh", "fish"):
        done = ctl.run("ours", both.ours, ["completion", shell], endpoints="")
        assert done.returncode == 0 and "etcdctl" in done.stdout.decode()
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=done.stdout, check=True)
