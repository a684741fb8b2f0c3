#!/bin/sh
# The verbs of the Makefile on the cluster of compose/static.yml: three members, and a fourth that joins as a learner. With a
# Docker engine they drive the containers (cluster-docker.sh), without one the same topology as local processes under
# .build/run/cluster (cluster-local.sh). Each command is printed before it is run.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

say() { echo "$*"; }
fail() { echo "$*" >&2; exit 1; }

# The value of the variable $1: the environment's, else that of compose/.env, which the compose file reads too, else $2.
setting() {
    eval "set -- \"\$1\" \"\$2\" \"\${$1:-}\""
    [ -n "$3" ] || set -- "$1" "$2" "$(sed -n "s/^$1=//p" compose/.env 2>/dev/null | tail -n 1)"
    echo "${3:-$2}"
}

# What is run is shown here, whatever becomes of standard error.
exec 3>&2
show() { printf '%s\n' "+ $*" >&3; }

run=${ETCD_RUN:-$root/.build/run}/cluster
dist=${ETCD_DIST:-$root/.build/dist}
tree=$root/.build/image
image=$(setting ETCD_IMAGE etcd-swift:latest)
founders="0 1 2"
mkdir -p "$run"

port() {
    case $1 in
    0) setting ETCD0_PORT 2379 ;;
    *) setting "ETCD$1_PORT" "$(($1 + 1))2379" ;;
    esac
}
client_url() { echo "http://127.0.0.1:$(port "$1")"; }

# Whether the member $1 can be asked for more than its status, which is all that a learner answers.
is_voter() {
    [ "$1" != 3 ] || "$dist/etcdctl" --endpoints="$(client_url 3)" --command-timeout=2s endpoint status -w fields 2>/dev/null |
        grep -q '"IsLearner" : false'
}

# The client URLs of the members that run and can be asked, but for that of the member $1.
endpoints() {
    list=
    for i in $(members); do if [ "$i" != "${1:-}" ] && is_voter "$i"; then list="$list,$(client_url "$i")"; fi; done
    echo "${list#,}"
}

# Those of all members that run.
all_endpoints() {
    list=
    for i in $(members); do list="$list,$(client_url "$i")"; done
    echo "${list#,}"
}

initial_cluster() {
    list=
    for i in $founders ${1:-}; do
        case ",$list" in *",etcd$i="*) continue ;; esac
        list="$list,etcd$i=$(peer_url "$i")"
    done
    echo "${list#,}"
}

# Prints an etcdctl command as a user would write it, and runs it against the members that run.
etcdctl() {
    at=$(endpoints "${without:-}")
    show "etcdctl --endpoints=$at $*"
    "$dist/etcdctl" --endpoints="$at" "$@"
}

etcdctl_quietly() { "$dist/etcdctl" --endpoints="$(endpoints "${without:-}")" "$@"; }

# A change of the membership, again for a minute as long as it is refused for a reason that passes: the text $1, or that there
# is no leader just now. What etcdctl prints is left in $run/answer too.
etcdctl_until_taken() {
    reason="no leader\\|$1" tries=120
    shift
    at=$(endpoints "${without:-}")
    set -- --command-timeout=30s "$@"
    show "etcdctl --endpoints=$at $*"
    for attempt in $(seq 1 "$tries"); do
        if "$dist/etcdctl" --endpoints="$at" "$@" >"$run/answer" 2>"$run/refusal"; then
            cat "$run/answer"
            return
        fi
        if [ "$attempt" = 1 ] || [ "$attempt" = "$tries" ]; then grep -v '"level":"warn"' "$run/refusal" >&2 || true; fi
        grep -q "$reason" "$run/refusal" || exit 1
        [ "$attempt" = 1 ] && say "that may pass; trying again"
        sleep 0.5
    done
    exit 1
}

need_members() { [ -n "$(endpoints)" ] || fail "no member is up; start the cluster with \`make up\`"; }

# The name in FILE, or what to write.
need_file() { [ -n "${FILE:-}" ] || fail "name the file: make $1 FILE=backup.db"; }

# Repeats a command until it succeeds, for $1 seconds.
within() {
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 0.1
    done
}

is_healthy() {
    check_alive
    etcdctl_quietly --command-timeout=2s endpoint health >/dev/null 2>&1
}

wait_healthy() { within 90 is_healthy || fail "the cluster is not healthy after 90 s; look at \`make logs\`"; }

# Leaves the members' list in $run/members, or ends: what is not known must not be acted on.
list_members() {
    within 20 list_once || fail "no member answers for a quorum; \`make up\` starts those that are down, \`make logs\` shows why"
}

list_once() { etcdctl_quietly --command-timeout=5s member list >"$run/members" 2>/dev/null; }

# The line of the member $1, empty if there is none: by its peer URL, which it has before it has started.
listed() { grep " $(peer_url "$1")," "$run/members" || grep ", etcd$1, " "$run/members" || true; }

has_started() {
    list_once && grep -q ", started, etcd$1, " "$run/members"
}

wait_started() { within 90 has_started "$1" || fail "etcd$1 has not joined after 90 s; look at \`make logs\`"; }

# Whether the executable $1 is there and no source is newer. One in another folder (ETCD_DIST) is the caller's affair.
is_built() {
    [ -x "$dist/$1" ] || return 1
    [ "$dist" != "$root/.build/dist" ] || [ -z "$(find Package.swift Sources -type f -newer "$dist/$1" | head -n 1)" ]
}

build() {
    for name in etcd etcdctl etcdutl etcd-suite; do
        is_built "$name" && continue
        [ ! -x "$dist/$name" ] || say "the sources are newer than the executables"
        .ci/setup.sh packages
        .ci/release.sh etcd etcdctl etcdutl etcd-suite
    done
    engine_build
}

image() {
    command -v docker >/dev/null && docker info >/dev/null 2>&1 ||
        fail "no Docker engine answers: start one (.ci/setup.sh docker installs it), or use local processes (make up)"
    docker/tree.sh "$tree"
    show "docker build --file docker/Dockerfile.local --tag $image .build/image"
    docker build --quiet --file docker/Dockerfile.local --tag "$image" "$tree" 2>"$run/build" || { cat "$run/build" >&2; exit 1; }
    say "$image: $(docker image inspect --format '{{.Size}}' "$image" | awk '{ printf "%.1f MB", $1 / 1e6 }')"
}

up() {
    build
    where
    start_founders
    wait_healthy
    # A fourth member that has joined before belongs to the cluster.
    if ! is_running 3 && has_data 3; then
        list_members
        if [ -n "$(listed 3)" ]; then start 3; wait_healthy; fi
    fi
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
    for i in $founders; do is_running "$i" || say "etcd$i is not running; \`make up\` starts it"; done
    etcdctl member list -w table || say "the list needs a quorum, and those that run do not give it; \`make up\` starts the others, \`make logs\` shows why"
    at=$(all_endpoints)
    show "etcdctl --endpoints=$at endpoint status -w table"
    "$dist/etcdctl" --endpoints="$at" endpoint status -w table || true
}

learner() {
    is_running 3 && fail "etcd3 runs already; \`make status\` shows it"
    need_members
    list_members
    if [ -z "$(listed 3)" ]; then
        if has_data 3; then
            say "etcd3 has data of a member that is not in this cluster"
            remove_data 3
        fi
        # Members take a change only after they have been connected for five seconds.
        etcdctl_until_taken "unhealthy cluster" member add etcd3 --learner --peer-urls="$(peer_url 3)"
    fi
    start 3
    wait_started 3
    status
}

promote() {
    need_members
    list_members
    line=$(listed 3)
    [ -n "$line" ] || fail "there is no learner etcd3; \`make learner\` adds it, \`make status\` shows the members"
    case $line in *", false") say "etcd3 is a voting member already"; status; return ;; esac
    etcdctl_until_taken "in sync with leader\|unhealthy cluster" member promote "${line%%,*}"
    status
}

snapshot() {
    need_file snapshot
    need_members
    at=$(endpoints)
    at=${at%%,*}
    show "etcdctl --endpoints=$at snapshot save $FILE"
    "$dist/etcdctl" --endpoints="$at" snapshot save "$FILE"
    show "etcdutl snapshot status $FILE -w table"
    "$dist/etcdutl" snapshot status "$FILE" -w table
}

# Each founder gets a new data directory made from the snapshot, all are stopped, and start with it: a new cluster, under a
# token of its own, so that no member of the old one is taken for one of its members.
restore() {
    need_file restore
    [ -f "$FILE" ] || fail "there is no file $FILE; \`make snapshot FILE=$FILE\` makes one"
    build
    where
    show "etcdutl snapshot status $FILE"
    "$dist/etcdutl" snapshot status "$FILE" >/dev/null
    for i in 3 $founders; do if is_running "$i"; then stop "$i"; fi; done
    token=etcd-swift-$(date +%s)
    rm -rf "$run/restored"
    mkdir -p "$run/restored"
    for i in $founders; do
        set -- --name "etcd$i" --initial-cluster "$(initial_cluster)" --initial-cluster-token "$token" \
            --initial-advertise-peer-urls "$(peer_url "$i")" --data-dir "$run/restored/etcd$i"
        show "etcdutl snapshot restore $FILE $*"
        "$dist/etcdutl" snapshot restore "$FILE" "$@"
    done
    for i in $founders; do put_in_place "$i" "$run/restored/etcd$i"; done
    if has_data 3; then
        say "etcd3 was a member of the old cluster; \`make learner\` adds it to the new one"
        remove_data 3
    fi
    start_founders
    wait_healthy
    say "what the members had before is kept in $(kept_before) until the next restore"
    status
}

# A member whose disk is lost or damaged gets an empty one and joins as a new member under its old name.
replace() {
    i=${MEMBER:-}
    i=${i#etcd}
    case $i in 0 | 1 | 2 | 3) ;; *) fail "name the member, etcd0 to etcd3: make replace MEMBER=etcd1" ;; esac
    lost=$i
    without=$lost
    [ -n "$(endpoints "$lost")" ] || fail "no other member is up; start the cluster with \`make up\`"
    list_members
    line=$(listed "$lost")
    [ -z "$line" ] || etcdctl_until_taken "unhealthy cluster" member remove "${line%%,*}"
    remove_data "$lost"
    etcdctl_until_taken "unhealthy cluster" member add "etcd$lost" --peer-urls="$(peer_url "$lost")"
    start_joining "$lost" "$(sed -n 's/^ETCD_INITIAL_CLUSTER="\(.*\)"$/\1/p' "$run/answer")"
    wait_started "$lost"
    without=
    wait_healthy
    status
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

# Leaves the leader's number in $found.
find_leader() { found=$(leader); [ -n "$found" ]; }

# Writes numbered keys, ends the leader in the midst of it, goes on, and looks whether every acknowledged write is there.
chaos() {
    need_members
    list_members
    within 30 find_leader || fail "no leader is found: \`make status\` shows the members, \`make up\` starts those that are down"
    victim=$found
    voters=$(grep -c ', false$' "$run/members")
    running=$(members | wc -l)
    if is_running 3 && grep -q ', etcd3, .*, true$' "$run/members"; then running=$((running - 1)); fi
    [ $(((running - 1) * 2)) -gt "$voters" ] ||
        fail "$running of $voters voting members run: without the leader they would be no quorum; \`make up\` starts the others"
    say "etcd$victim leads. Writing, then ending it without warning."
    all=$(endpoints)
    acknowledged=$run/chaos
    : >"$acknowledged"
    number=0
    killed=
    began=$(date +%s)
    show "etcdctl --endpoints=$all --command-timeout=2s put chaos/1 $began-1    # and so on"
    while [ $number -lt 60 ]; do
        number=$((number + 1))
        if [ $number = 20 ]; then
            end_at_once "$victim"
            killed=$(date +%s%N)
        fi
        # One that isn't answered may have been made or not; only those that are must not be lost.
        if "$dist/etcdctl" --endpoints="$all" --command-timeout=2s put "chaos/$number" "$began-$number" >/dev/null 2>&1; then
            echo "$number" >>"$acknowledged"
            if [ $number -ge 20 ] && [ -n "$killed" ]; then
                took=$(((($(date +%s%N) - killed)) / 1000000))
                within 30 find_leader || fail "no leader is found after the write"
                say "writes go on $took ms after the leader's end; etcd$found leads now"
                killed=
            fi
        fi
    done
    [ -z "$killed" ] || fail "no write was acknowledged after the leader's end; look at \`make logs\`"
    at=$(endpoints)
    show "etcdctl --endpoints=$at get chaos/ --prefix"
    "$dist/etcdctl" --endpoints="$at" --command-timeout=30s get chaos/ --prefix >"$run/answer"
    # Names and values, on a line each.
    lost=$(awk -v began="$began" '
        FILENAME == ARGV[1] { if (FNR % 2) key = $0; else value[key] = $0; next }
        value["chaos/" $0] != began "-" $0 { print "chaos/" $0 }' "$run/answer" "$acknowledged")
    for key in $lost; do say "LOST: $key"; done
    count=$(echo "$lost" | grep -c . || true)
    say "$(wc -l <"$acknowledged") of 60 writes were acknowledged, $count of them lost"
    say "etcd$victim comes back."
    start_again "$victim"
    wait_healthy
    status
    [ "$count" = 0 ]
}

logs() { engine_logs; }

down() { engine_down; }

if [ "${ETCD_ENGINE:-}" != local ] && docker info >/dev/null 2>&1; then
    . .ci/cluster-docker.sh
else
    . .ci/cluster-local.sh
fi

case ${1:-} in
up | down | status | learner | promote | snapshot | restore | replace | chaos | logs | image) "$1" ;;
*) fail "cluster.sh: up, down, status, learner, promote, snapshot, restore, replace, chaos, logs or image" ;;
esac
