#!/bin/sh
# Builds the simulator with the planted bugs in it, in a build folder of its own: nothing of them is in any other build.
set -eu
cd "$(dirname "$0")/.."
swift build -c release --scratch-path .build/planted -Xswiftc -DPLANTED_BUGS --product etcd-sim
