#!/bin/sh
# `make up` and `make down`: one member as a local process. Remembers the process id; never stops a process by name.
# CLIENT_PORT and PEER_PORT choose other ports than etcd's own.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
run=$root/.build/run/member
pid_file=$run/pid
etcd=$root/.build/dist/etcd
client=http://127.0.0.1:${CLIENT_PORT:-2379}
peer=http://127.0.0.1:${PEER_PORT:-2380}

running() {
    [ -f "$pid_file" ] || return 1
    pid=$(cat "$pid_file")
    # The id may have gone to another process since: ours is the one that runs in our folder.
    [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$run" ]
}

ready() {
    grep -q '"msg":"ready to serve client requests"' "$run/log" 2>/dev/null
}

tell() {
    where=$(cat "$run/endpoint")
    cat <<TEXT
etcd is up: $where (process $(cat "$pid_file"), data in .build/run/member/data, log in .build/run/member/log)

  .build/venv/bin/etcdctl --endpoints $where put hello world
  .build/venv/bin/etcdctl --endpoints $where get hello
  .build/venv/bin/etcdctl --endpoints $where endpoint status -w table

Any etcd v3 client works; \`make setup\` brings this etcdctl. \`make down\` stops the member and keeps its data.
TEXT
}

up() {
    if running; then
        tell
        return
    fi
    "$root/.ci/setup.sh" packages
    "$root/.ci/release.sh"
    mkdir -p "$run"
    cd "$run"
    : >log
    "$etcd" --name default --data-dir data --listen-client-urls "$client" --advertise-client-urls "$client" \
        --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" \
        >>log 2>&1 </dev/null &
    echo $! >"$pid_file"
    echo "$client" >endpoint
    for _ in $(seq 1 300); do
        if ready; then
            tell
            return
        fi
        if ! kill -0 "$(cat "$pid_file")" 2>/dev/null; then
            echo "the member stopped while starting; the end of .build/run/member/log:" >&2
            tail -n 5 log >&2
            rm -f "$pid_file"
            exit 1
        fi
        sleep 0.1
    done
    echo "the member is not ready after 30 s; see .build/run/member/log" >&2
    exit 1
}

down() {
    if ! running; then
        echo "no member is up"
        rm -f "$pid_file"
        return
    fi
    pid=$(cat "$pid_file")
    kill -TERM "$pid"
    for _ in $(seq 1 200); do
        if ! kill -0 "$pid" 2>/dev/null; then
            rm -f "$pid_file"
            echo "process $pid stopped; its data stays in .build/run/member/data"
            return
        fi
        sleep 0.1
    done
    echo "process $pid did not stop within 20 s of SIGTERM; ending it" >&2
    kill -KILL "$pid"
    rm -f "$pid_file"
}

case ${1:-} in
up) up ;;
down) down ;;
status) if running; then tell; else echo "no member is up"; fi ;;
*) echo "member.sh: up, down or status" >&2; exit 2 ;;
esac
