#!/bin/sh
# Makes Sources/Wire/Generated from Sources/Wire/Protos. With --check it changes nothing and fails if they differ.
# Needs protoc and a built wire-generator (`swift build --product wire-generator`; WIRE_GENERATOR names another one).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
generator=${WIRE_GENERATOR:-$root/.build/debug/wire-generator}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$root/Sources/Wire/Protos" && protoc -I. --descriptor_set_out="$work/set.bin" ./*.proto)
mkdir "$work/out"
"$generator" "$work/set.bin" "$work/out"
if [ "${1:-}" = --check ]; then
    diff -ru "$root/Sources/Wire/Generated" "$work/out" || {
        echo "Sources/Wire/Generated is not what the .proto files make; run: make generate" >&2
        exit 1
    }
else
    rm -rf "$root/Sources/Wire/Generated"
    mv "$work/out" "$root/Sources/Wire/Generated"
fi
