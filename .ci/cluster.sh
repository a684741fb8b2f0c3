#!/bin/sh
# The verbs of the Makefile on the cluster of compose/static.yml: three members, and a fourth that joins as a learner. With a
# Docker engine they drive the containers, without one the same topology as local processes under .build/run/cluster.
# Each etcd command is printed before it is run.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
run=${ETCD_RUN:-$root/.build/run}/cluster
dist=${ETCD_DIST:-$root/.build/dist}
image=${ETCD_IMAGE:-etcd-swift:latest}
port0=${ETCD0_PORT:-2379} port1=${ETCD1_PORT:-22379} port2=${ETCD2_PORT:-32379} port3=${ETCD3_PORT:-42379}
founders="0 1 2"

say() { echo "$*"; }
fail() { echo "$*" >&2; exit 1; }

# What is run is shown here, whatever becomes of standard error.
exec 3>&2
mkdir -p "$run"

if [ "${ETCD_ENGINE:-}" != local ] && docker info >/dev/null 2>&1; then engine=docker; else engine=local; fi

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose -f compose/static.yml "$@"
    elif [ -x .build/docker-plugins/docker-compose ]; then
        .build/docker-plugins/docker-compose -f compose/static.yml "$@"
    else
        fail "there is no compose plugin: install docker-compose-plugin, or let \`make image\` bring one"
    fi
}

port() { eval echo "\$port$1"; }
client_url() { echo "http://127.0.0.1:$(port "$1")"; }
# The peers' ports of local members lie beside the clients' unless they are given.
peer_port() { eval echo "\${ETCD$1_PEER_PORT:-$(($(port "$1") + 1))}"; }
peer_url() { if [ $engine = docker ]; then echo "http://etcd$1:2380"; else echo "http://127.0.0.1:$(peer_port "$1")"; fi; }

# Members that run, as numbers.
members() {
    for i in 0 1 2 3; do if is_running "$i"; then echo "$i"; fi; done
}

endpoints() {
    list=
    for i in $(members); do list="$list,$(client_url "$i")"; done
    echo "${list#,}"
}

# Prints an etcdctl command as a user would write it, and runs it against the members that run.
etcdctl() {
    printf '%s\n' "+ etcdctl --endpoints=$(endpoints) $*" >&3
    "$dist/etcdctl" --endpoints="$(endpoints)" "$@"
}

etcdctl_quietly() { "$dist/etcdctl" --endpoints="$(endpoints)" "$@"; }

# MARK: local processes

folder() { echo "$run/etcd$1"; }

is_running() {
    if [ $engine = docker ]; then
        [ "$(docker inspect --format '{{.State.Running}}' "$(container "$1")" 2>/dev/null)" = true ]
    else
        [ -f "$(folder "$1")/pid" ] || return 1
        # The id may have gone to another process since: ours is the one that runs in its folder.
        [ "$(readlink "/proc/$(cat "$(folder "$1")/pid")/cwd" 2>/dev/null)" = "$(folder "$1")" ]
    fi
}

container() { echo "${ETCD_PROJECT:-etcd}-etcd$1-1"; }

initial_cluster() {
    list=
    for i in $founders ${1:-}; do list="$list,etcd$i=$(peer_url "$i")"; done
    echo "${list#,}"
}

start_local() {
    i=$1
    shift
    mkdir -p "$(folder "$i")"
    (
        cd "$(folder "$i")"
        "$dist/etcd" --name "etcd$i" --data-dir data --listen-client-urls "$(client_url "$i")" \
            --advertise-client-urls "$(client_url "$i")" --listen-peer-urls "$(peer_url "$i")" \
            --initial-advertise-peer-urls "$(peer_url "$i")" --initial-cluster-token etcd-swift "$@" >>log 2>&1 </dev/null 3>&- &
        echo $! >pid
    )
}

stop_local() {
    is_running "$1" || return 0
    pid=$(cat "$(folder "$1")/pid")
    kill "-${2:-TERM}" "$pid"
    for _ in $(seq 1 300); do
        kill -0 "$pid" 2>/dev/null || { rm -f "$(folder "$1")/pid"; return 0; }
        sleep 0.1
    done
    say "etcd$1 (process $pid) did not stop within 30 s; ending it"
    kill -KILL "$pid"
    rm -f "$(folder "$1")/pid"
}

# MARK: both

wait_healthy() {
    for _ in $(seq 1 300); do
        if etcdctl_quietly --command-timeout=2s endpoint health >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    fail "the cluster is not healthy after 30 s; look at \`make logs\`"
}

build() {
    if [ ! -x "$dist/etcd" ] || [ ! -x "$dist/etcdctl" ] || [ ! -x "$dist/etcdutl" ]; then
        .ci/setup.sh packages
        .ci/release.sh
    fi
    if [ $engine = docker ] && ! docker image inspect "$image" >/dev/null 2>&1; then image; fi
}

image() {
    command -v docker >/dev/null && docker info >/dev/null 2>&1 || fail "no Docker engine answers: start one, or use the local processes (make up)"
    docker/tree.sh .build/image
    docker build --quiet --file docker/Dockerfile.local --tag "$image" .build/image
    say "$image: $(docker image inspect --format '{{.Size}}' "$image" | awk '{ printf "%.1f MB", $1 / 1e6 }')"
}

where() {
    if [ $engine = docker ]; then say "with Docker ($image)"; else say "no Docker engine here: the members are local processes, data under .build/run/cluster"; fi
}

up() {
    build
    where
    if [ $engine = docker ]; then
        echo "+ docker compose -f compose/static.yml up --detach" >&2
        compose up --detach
    else
        for i in $founders; do
            is_running "$i" || start_local "$i" --initial-cluster "$(initial_cluster)" --initial-cluster-state new
        done
    fi
    wait_healthy
    status
    cat <<TEXT

The cluster is up. Talk to it with any etcd client, for example:
  .build/dist/etcdctl --endpoints=$(endpoints) put hello world
  .build/dist/etcdctl --endpoints=$(endpoints) get hello
Next: make learner, make promote, make snapshot FILE=backup.db, make chaos, make help. \`make down\` stops it and keeps its data.
TEXT
}

status() {
    [ -n "$(members)" ] || { say "no member is up; \`make up\` starts the cluster"; return 0; }
    etcdctl member list -w table
    etcdctl endpoint status -w table
}

learner() {
    is_running 3 && fail "etcd3 runs already; \`make status\` shows it"
    [ -n "$(members)" ] || fail "no member is up; start the cluster with \`make up\`"
    if ! etcdctl_quietly member list | grep -q " $(peer_url 3),"; then
        # Members take a change only after they have been connected for five seconds.
        for attempt in $(seq 1 30); do
            if etcdctl member add etcd3 --learner --peer-urls="$(peer_url 3)" 2>"$run/add"; then break; fi
            grep -v '"level":"warn"' "$run/add" >&2 || true
            if [ "$attempt" = 30 ] || ! grep -q "unhealthy cluster" "$run/add"; then exit 1; fi
            say "the members have not been connected for long enough yet; trying again"
            sleep 1
        done
    fi
    if [ $engine = docker ]; then
        echo "+ docker compose -f compose/static.yml --profile learner up --detach etcd3" >&2
        compose --profile learner up --detach etcd3
    else
        start_local 3 --initial-cluster "$(initial_cluster 3)" --initial-cluster-state existing
    fi
    for _ in $(seq 1 300); do
        if etcdctl_quietly member list | grep -q "etcd3,.*true$"; then break; fi
        sleep 0.1
    done
    status
}

promote() {
    id=$(etcdctl_quietly member list | sed -n 's/^\([0-9a-f]*\), started, etcd3, .*, true$/\1/p')
    [ -n "$id" ] || fail "there is no started learner etcd3; \`make learner\` adds it, \`make status\` shows the members"
    for _ in $(seq 1 100); do
        if etcdctl member promote "$id"; then status; return; fi
        sleep 0.3
    done
    fail "the learner has not caught up; see \`make logs\`"
}

snapshot() {
    file=${FILE:?name the file: make snapshot FILE=backup.db}
    first=$(members | head -n 1)
    [ -n "$first" ] || fail "no member is up; start the cluster with \`make up\`"
    echo "+ etcdctl --endpoints=$(client_url "$first") snapshot save $file" >&2
    "$dist/etcdctl" --endpoints="$(client_url "$first")" snapshot save "$file"
    echo "+ etcdutl snapshot status $file -w table" >&2
    "$dist/etcdutl" snapshot status "$file" -w table
}

# All members are stopped, each gets a new data directory made from the snapshot, and all start: a new cluster.
restore() {
    file=${FILE:?name the file: make restore FILE=backup.db}
    [ -f "$file" ] || fail "there is no file $file; \`make snapshot FILE=$file\` makes one"
    build
    where
    for i in 3 $founders; do if is_running "$i"; then stop "$i"; fi; done
    for i in $founders; do
        restored=$run/restored/etcd$i
        rm -rf "$restored"
        mkdir -p "$(dirname "$restored")"
        echo "+ etcdutl snapshot restore $file --name etcd$i --initial-cluster $(initial_cluster) --initial-cluster-token etcd-swift --initial-advertise-peer-urls $(peer_url "$i") --data-dir $restored" >&2
        "$dist/etcdutl" snapshot restore "$file" --name "etcd$i" --initial-cluster "$(initial_cluster)" \
            --initial-cluster-token etcd-swift --initial-advertise-peer-urls "$(peer_url "$i")" --data-dir "$restored"
    done
    for i in $founders; do put_in_place "$i" "$run/restored/etcd$i"; done
    if [ $engine = docker ]; then
        compose up --detach
    else
        for i in $founders; do start_local "$i" --initial-cluster "$(initial_cluster)" --initial-cluster-state new; done
    fi
    wait_healthy
    status
}

stop() {
    if [ $engine = docker ]; then docker stop --time 30 "$(container "$1")" >/dev/null; else stop_local "$1"; fi
}

# What a member had is kept beside the new data until the next restore.
put_in_place() {
    if [ $engine = docker ]; then
        docker rm --force "$(container "$1")" >/dev/null 2>&1 || true
        docker volume rm "${ETCD_PROJECT:-etcd}_etcd$1" >/dev/null
        compose create "etcd$1" >/dev/null
        # Open to the image's user, whoever runs this.
        chmod -R a+rwX "$2"
        docker cp "$2/member" "$(container "$1"):/etcd-data/member"
    else
        rm -rf "$(folder "$1")/data.before"
        if [ -d "$(folder "$1")/data" ]; then mv "$(folder "$1")/data" "$(folder "$1")/data.before"; fi
        mkdir -p "$(folder "$1")"
        mv "$2" "$(folder "$1")/data"
    fi
}

leader() {
    for i in $(members); do
        if "$dist/etcdctl" --endpoints="$(client_url "$i")" endpoint status -w fields 2>/dev/null | awk '
            /"MemberID"/ { id = $3 } /"Leader"/ { leader = $3 } END { exit !(id == leader && id != "") }'; then
            echo "$i"
            return
        fi
    done
}

# Writes numbered keys, ends the leader in the midst of it, goes on, and looks whether every acknowledged write is there.
chaos() {
    victim=$(leader)
    [ -n "$victim" ] || fail "no leader found; is the cluster up? (make status)"
    say "etcd$victim leads. Writing, then ending it without warning."
    all=$(endpoints)
    mkdir -p "$run"
    acknowledged=$run/chaos
    : >"$acknowledged"
    number=0
    killed=
    began=$(date +%s)
    while [ $number -lt 60 ]; do
        number=$((number + 1))
        if [ $number = 20 ]; then
            if [ $engine = docker ]; then
                echo "+ docker kill --signal KILL $(container "$victim")" >&2
                docker update --restart no "$(container "$victim")" >/dev/null
                docker kill --signal KILL "$(container "$victim")" >/dev/null
            else
                echo "+ kill -KILL $(cat "$(folder "$victim")/pid")    # etcd$victim" >&2
                stop_local "$victim" KILL
            fi
            killed=$(date +%s%N)
        fi
        if "$dist/etcdctl" --endpoints="$all" --command-timeout=20s put "chaos/$number" "$began-$number" >/dev/null 2>&1; then
            echo "$number" >>"$acknowledged"
            if [ $number -ge 20 ] && [ -n "$killed" ]; then
                say "writes go on $(((($(date +%s%N) - killed)) / 1000000)) ms after the leader's end; etcd$(leader) leads now"
                killed=
            fi
        fi
    done
    lost=0
    while read -r number; do
        value=$(etcdctl_quietly get "chaos/$number" --print-value-only)
        [ "$value" = "$began-$number" ] || { say "LOST: chaos/$number"; lost=$((lost + 1)); }
    done <"$acknowledged"
    say "$(wc -l <"$acknowledged") of 60 writes were acknowledged, $lost of them lost"
    say "etcd$victim comes back."
    if [ $engine = docker ]; then
        docker update --restart unless-stopped "$(container "$victim")" >/dev/null
        docker start "$(container "$victim")" >/dev/null
    elif [ "$victim" = 3 ]; then
        start_local 3 --initial-cluster "$(initial_cluster 3)" --initial-cluster-state existing
    else
        start_local "$victim" --initial-cluster "$(initial_cluster)" --initial-cluster-state new
    fi
    wait_healthy
    status
    [ $lost = 0 ]
}

logs() {
    if [ $engine = docker ]; then
        compose --profile learner logs --tail "${LINES:-20}"
    else
        for i in 0 1 2 3; do
            if [ -f "$(folder "$i")/log" ]; then
                echo "== etcd$i"
                tail -n "${LINES:-20}" "$(folder "$i")/log"
            fi
        done
    fi
}

down() {
    if [ $engine = docker ]; then
        if [ -n "${VOLUMES:-}" ]; then compose --profile learner down --volumes; else compose --profile learner down; fi
        return
    fi
    for i in 3 2 1 0; do stop_local "$i"; done
    if [ -n "${VOLUMES:-}" ]; then
        rm -rf "$run"
        say "all members are stopped and their data is removed"
    else
        say "all members are stopped; their data stays under .build/run/cluster (make down VOLUMES=1 removes it)"
    fi
}

case ${1:-} in
up | down | status | learner | promote | snapshot | restore | chaos | logs | image) "$1" ;;
*) fail "cluster.sh: up, down, status, learner, promote, snapshot, restore, chaos, logs or image" ;;
esac
