#!/bin/sh
# Builds the simulator and runs seeds: whole clusters in virtual time, with injected faults. In a build folder of its own,
# because this build is optimised, holds the planted bugs (off unless --bug names one) and checks no exclusivity at run time.
#   sim.sh               until told to stop, or with SEED=n that seed alone
#   sim.sh test          a few minutes of seeds; SEED=n makes them the same ones each time
#   sim.sh build         nothing but the build
#   sim.sh run FLAGS     etcd-sim run FLAGS
set -eu
cd "$(dirname "$0")/.."
scratch=.build/sim
swift build -c release --scratch-path "$scratch" -Xswiftc -DPLANTED_BUGS -Xswiftc -enforce-exclusivity=unchecked --product etcd-sim
sim=$scratch/release/etcd-sim

case ${1:-forever} in
build) ;;
test)
    first=${SEED:-$(date +%s)}
    exec "$sim" run --seeds "$first..$((first + ${SIM_SEEDS:-499}))" --keep-going
    ;;
run)
    shift
    exec "$sim" run "$@"
    ;;
*)
    if [ -n "${SEED:-}" ]; then exec "$sim" run --seed "$SEED"; fi
    exec "$sim" run --seeds "$(date +%s)..18446744073709551615"
    ;;
esac
