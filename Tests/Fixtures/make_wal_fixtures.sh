#!/bin/sh
# Makes Tests/StorageTests/WALFixture.swift: a short log and a .snap file that a real etcd wrote.
# Usage: make_wal_fixtures.sh <directory with etcd and etcdctl, release 3.5>
# The member is started twice, so that the log holds several terms; ids and times differ from run to run.
set -eu
binaries=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
client=http://127.0.0.1:24790
peer=http://127.0.0.1:24800

start() {
    "$binaries/etcd" --data-dir "$work/data" --name m1 --listen-client-urls $client --advertise-client-urls $client \
        --listen-peer-urls $peer --initial-advertise-peer-urls $peer --initial-cluster "m1=$peer" --snapshot-count 10 \
        >>"$work/log" 2>&1 &
    server=$!
    until "$binaries/etcdctl" --endpoints $client endpoint health >/dev/null 2>&1; do sleep 0.2; done
}

stop() {
    kill $server
    wait $server || true
}

put() { "$binaries/etcdctl" --endpoints $client put "$1" "$2" >/dev/null; }

start
for number in 1 2 3 4 5 6 7 8; do put "key$number" "value$number"; done
put long "$(printf 'x%.0s' $(seq 600))"
stop
start
for number in 1 2 3 4 5; do put "more$number" ""; done
"$binaries/etcdctl" --endpoints $client txn <<'TXN' >/dev/null
mod("key1") > "0"

put key1 changed

get key1

TXN
stop

python3 - "$work/data/member" "$here/../StorageTests/WALFixture.swift" <<'PYTHON'
import glob, os, sys, textwrap
member, target = sys.argv[1:]
(segment,) = glob.glob(member + "/wal/*.wal")
snap = sorted(glob.glob(member + "/snap/*.snap"))[-1]
log, offset = open(segment, "rb").read(), 0
while True:
    field = int.from_bytes(log[offset:offset + 8], "little")
    if field == 0:
        break
    offset += 8 + (field & (1 << 56) - 1) + ((field >> 56) & 7 if field >> 63 else 0)

def literal(data):
    return "\n".join("        " + line for line in textwrap.wrap(data.hex(), 120))

with open(target, "w") as out:
    out.write(f'''// Made by Tests/Fixtures/make_wal_fixtures.sh from the files of a real etcd 3.5 member; not to be edited.

enum WALFixture {{
    /// The segment up to its last record; the rest of it is zeros.
    static let segmentName = "{os.path.basename(segment)}"
    static let segment = """
{literal(log[:offset])}
        """
    static let snapName = "{os.path.basename(snap)}"
    static let snap = """
{literal(open(snap, "rb").read())}
        """
}}
''')
PYTHON
rm -rf "$work"
