#!/bin/sh
# Builds the shipped executables, or those that are named, static and strips them into .build/dist. In a build folder of its
# own, because the flags differ from those of `swift build` and each would throw away the other's work.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
scratch=.build/static
dist=.build/dist
shipped=$(sed -n '/^let executables/,/^]/s/^    ("\([a-z-]*\)".*/\1/p' Package.swift | grep -v '^wire-generator$')
if [ $# -gt 0 ]; then shipped=$*; fi

mkdir -p "$dist"
for name in $shipped; do
    echo "release: building $name"
    swift build -c release --scratch-path "$scratch" --static-swift-stdlib -Xswiftc -static-executable --product "$name"
    built=$scratch/release/$name
    # Replaced in one step: a member that runs keeps its file.
    strip -o "$dist/.$name.new" "$built"
    mv "$dist/.$name.new" "$dist/$name"
    linked=$(ldd "$dist/$name" 2>&1 || true)
    case $linked in
    *"not a dynamic executable"*) ;;
    *) echo "release: $name is not static: $linked" >&2; exit 1 ;;
    esac
    echo "release: $dist/$name, $(($(stat -c %s "$dist/$name") / 1024)) KiB, not a dynamic executable"
done
