# The members as containers of compose/static.yml. Read by cluster.sh; cluster-local.sh has the same functions for processes.

project=$(setting ETCD_PROJECT etcd)

where() { say "with Docker ($image)"; }

# The plugin, wherever it is. Prints nothing.
compose_quietly() {
    if docker compose version >/dev/null 2>&1; then
        docker compose -f compose/static.yml "$@"
    elif [ -x .build/docker-plugins/docker-compose ]; then
        .build/docker-plugins/docker-compose -f compose/static.yml "$@"
    else
        fail "there is no compose plugin: install docker-compose-plugin, or let \`make image\` bring one"
    fi
}

compose() {
    show "docker compose -f compose/static.yml $*"
    compose_quietly "$@"
}

peer_url() { echo "http://etcd$1:2380"; }
container() { echo "$project-etcd$1-1"; }
volume() { echo "${project}_etcd$1"; }

# Members that run, as numbers. One call: each costs more than a request to a member.
members() {
    docker ps --filter "label=com.docker.compose.project=$project" --filter status=running --format '{{.Names}}' |
        sed -n "s/^$project-etcd\([0-3]\)-1$/\1/p" | sort
}

is_running() { [ "$(docker inspect --format '{{.State.Running}}' "$(container "$1")" 2>/dev/null)" = true ]; }
has_data() { docker volume inspect "$(volume "$1")" >/dev/null 2>&1; }

# A member that ends is started again by the engine, so that there is nothing to see here.
check_alive() { :; }

has_compose() { docker compose version >/dev/null 2>&1 || [ -x .build/docker-plugins/docker-compose ]; }

engine_build() {
    has_compose || .ci/setup.sh docker
    if ! docker image inspect "$image" >/dev/null 2>&1; then
        image
    elif [ "$image" = etcd-swift:latest ] && [ -f "$tree/usr/local/bin/etcd" ] && [ "$dist/etcd-suite" -nt "$tree/usr/local/bin/etcd" ]; then
        say "the executables are newer than the image"
        image
    fi
}

start_founders() {
    if [ -n "$(local_members)" ]; then
        fail "members run as local processes, from before the engine was here: stop them with \`make down ETCD_ENGINE=local\`"
    fi
    compose up --detach
}

start() { compose --profile learner up --detach "etcd$1"; }

# Starts a member that the cluster has been told of, without data, by flags instead of its file: $2 is what `member add` said.
start_joining() {
    show "ETCD_INITIAL_CLUSTER=$2 docker compose -f compose/static.yml -f compose/replace.yml up --detach etcd$1"
    ETCD_INITIAL_CLUSTER=$2 compose_quietly -f compose/replace.yml --profile learner up --detach "etcd$1"
}

stop() {
    show "docker stop --time 30 $(container "$1")"
    docker stop --time 30 "$(container "$1")" >/dev/null
}

end_at_once() {
    show "docker kill --signal KILL $(container "$1")"
    docker kill --signal KILL "$(container "$1")" >/dev/null
}

start_again() {
    show "docker start $(container "$1")"
    docker start "$(container "$1")" >/dev/null
}

remove_data() {
    if docker container inspect "$(container "$1")" >/dev/null 2>&1; then
        show "docker rm --force $(container "$1")"
        docker rm --force "$(container "$1")" >/dev/null
    fi
    if has_data "$1"; then
        show "docker volume rm $(volume "$1")"
        docker volume rm "$(volume "$1")" >/dev/null
    fi
}

# Gives the stopped member $1 the data directory $2. What it had is copied to the folder of the run before.
put_in_place() {
    before=$run/before/etcd$1
    rm -rf "$before"
    if has_data "$1"; then
        mkdir -p "$before"
        compose_quietly create --no-recreate "etcd$1" >/dev/null 2>&1 || true
        docker cp "$(container "$1"):/etcd-data/." "$before" >/dev/null 2>&1 || true
    fi
    remove_data "$1"
    compose_quietly create "etcd$1" >/dev/null 2>&1
    # The files are those of the image's user, whoever made them here.
    user=$(docker inspect --format '{{.Config.User}}' "$(container "$1")")
    uid=${user%%:*} gid=${user##*:}
    show "tar -C $2 --owner=${uid:-0} --group=${gid:-0} -c member | docker cp - $(container "$1"):/etcd-data"
    tar -C "$2" --owner="${uid:-0}" --group="${gid:-0}" -cf - member | docker cp - "$(container "$1"):/etcd-data"
}

kept_before() { echo "$run/before"; }

engine_logs() { compose --profile learner logs --tail "${LINES:-20}"; }

engine_down() {
    if [ -n "$(local_members)" ]; then ETCD_ENGINE=local .ci/cluster.sh down; fi
    if [ -n "${VOLUMES:-}" ]; then
        compose --profile learner down --volumes
        rm -rf "$run"
        say "the cluster is removed with its data"
    else
        compose --profile learner down
        say "the cluster is stopped; its data stays in the volumes ${project}_etcd0 … (make down VOLUMES=1 removes them)"
    fi
}

# Members that run as processes, from before there was an engine.
local_members() { (. .ci/cluster-local.sh && members); }
