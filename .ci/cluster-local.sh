# The members as local processes with their data under .build/run/cluster, for machines without a Docker engine. Read by
# cluster.sh; cluster-docker.sh has the same functions for containers.

where() { say "no Docker engine here: the members are local processes, data under ${run#"$root/"}"; }

# The peers' ports of local members lie beside the clients' unless they are given.
peer_port() { setting "ETCD$1_PEER_PORT" $(($(port "$1") + 1)); }
peer_url() { echo "http://127.0.0.1:$(peer_port "$1")"; }
folder() { echo "$run/etcd$1"; }

is_running() {
    [ -f "$(folder "$1")/pid" ] || return 1
    # The id may have gone to another process since: ours is the one that runs in its folder.
    [ "$(readlink "/proc/$(cat "$(folder "$1")/pid")/cwd" 2>/dev/null)" = "$(folder "$1")" ]
}

# Members that run, as numbers.
members() {
    for i in 0 1 2 3; do if is_running "$i"; then echo "$i"; fi; done
}

has_data() { [ -d "$(folder "$1")/data" ]; }

check_alive() {
    for i in $founders; do
        is_running "$i" && continue
        tail -n 3 "$(folder "$i")/log" >&2
        fail "etcd$i has ended; its log is $(folder "$i")/log"
    done
}

engine_build() { :; }

start_with() {
    i=$1
    shift
    mkdir -p "$(folder "$i")"
    set -- --name "etcd$i" --data-dir data --listen-client-urls "$(client_url "$i")" --advertise-client-urls "$(client_url "$i")" \
        --listen-peer-urls "$(peer_url "$i")" --initial-advertise-peer-urls "$(peer_url "$i")" --initial-cluster-token etcd-swift "$@"
    show "etcd $*"
    (
        cd "$(folder "$i")"
        "$dist/etcd" "$@" >>log 2>&1 </dev/null 3>&- &
        echo $! >pid
    )
}

start_founders() {
    for i in $founders; do is_running "$i" || start_with "$i" --initial-cluster "$(initial_cluster)" --initial-cluster-state new; done
}

start() { start_with "$1" --initial-cluster "$(initial_cluster "$1")" --initial-cluster-state existing; }
start_joining() { start_with "$1" --initial-cluster "$2" --initial-cluster-state existing; }
# With data, nothing is read from the flags on how the cluster began.
start_again() { start "$1"; }

stop() { end_process "$1" TERM; }
end_at_once() { end_process "$1" KILL; }

end_process() {
    is_running "$1" || return 0
    pid=$(cat "$(folder "$1")/pid")
    show "kill -$2 $pid    # etcd$1"
    kill "-$2" "$pid"
    for _ in $(seq 1 300); do
        is_running "$1" || { rm -f "$(folder "$1")/pid"; return 0; }
        sleep 0.1
    done
    say "etcd$1 (process $pid) did not stop within 30 s; ending it"
    kill -KILL "$pid"
    rm -f "$(folder "$1")/pid"
}

remove_data() {
    stop "$1"
    show "rm -r $(folder "$1")/data"
    rm -rf "$(folder "$1")/data"
}

# Gives the stopped member $1 the data directory $2. What it had is kept until the next restore.
put_in_place() {
    mkdir -p "$(folder "$1")" "$run/before"
    rm -rf "$run/before/etcd$1"
    if has_data "$1"; then mv "$(folder "$1")/data" "$run/before/etcd$1"; fi
    mv "$2" "$(folder "$1")/data"
}

kept_before() { echo "$run/before"; }

engine_logs() {
    for i in 0 1 2 3; do
        if [ -f "$(folder "$i")/log" ]; then
            echo "== etcd$i: $(folder "$i")/log"
            tail -n "${LINES:-20}" "$(folder "$i")/log"
        fi
    done
}

engine_down() {
    for i in 3 2 1 0; do stop "$i"; done
    if [ -n "${VOLUMES:-}" ]; then
        rm -rf "$run"
        say "all members are stopped and their data is removed"
    else
        say "all members are stopped; their data stays under ${run#"$root/"} (make down VOLUMES=1 removes it)"
    fi
}
