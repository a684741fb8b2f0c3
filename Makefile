# What you can do with this project. Every target installs what it lacks (Debian packages through apt, a Python venv and the
# reference etcd under .build) and says so.

.DEFAULT_GOAL := help
.PHONY: help up down status learner promote snapshot restore replace chaos logs image test test-swift test-conformance test-process test-long sim sim-bugs release bench check fix generate check-generated clean setup

PYTHON := .build/venv/bin/python
PYTEST := $(PYTHON) -m pytest -c Tests/pytest.ini --rootdir Tests

help: ## show this text
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

up: ## build and start a cluster of three; with Docker if it answers, else as local processes
	@.ci/cluster.sh up

status: ## members, leader, learner and database sizes
	@.ci/cluster.sh status

learner: ## add a fourth member as a learner
	@.ci/cluster.sh learner

promote: ## make the learner a voting member once it has caught up
	@.ci/cluster.sh promote

snapshot: ## save a snapshot of the cluster: make snapshot FILE=backup.db
	@FILE="$(FILE)" .ci/cluster.sh snapshot

restore: ## stop, restore all members offline from a snapshot, start: make restore FILE=backup.db
	@FILE="$(FILE)" .ci/cluster.sh restore

replace: ## a member whose disk is lost or damaged joins anew, with an empty one: make replace MEMBER=etcd1
	@MEMBER="$(MEMBER)" .ci/cluster.sh replace

chaos: ## end the leader while writing, and look whether an acknowledged write was lost
	@.ci/cluster.sh chaos

logs: ## the end of each member's log
	@.ci/cluster.sh logs

down: ## stop the cluster and keep its data (VOLUMES=1 removes it)
	@VOLUMES="$(VOLUMES)" .ci/cluster.sh down

image: ## the container image etcd-swift from locally built executables, without any registry
	@.ci/setup.sh packages docker
	@.ci/release.sh etcd-suite
	@.ci/cluster.sh image

test: ## everything CI needs, from nothing: all packages, builds and tests (SEED=n repeats the random cases)
	@.ci/setup.sh packages venv reference docker
	@python3 .ci/run-tests.py

test-swift: ## the unit tests alone
	@.ci/setup.sh packages
	swift test --disable-xctest

test-conformance: release ## ours against the official etcd and etcdctl
	@.ci/setup.sh venv reference
	$(PYTEST) Tests/ConformanceTests

sim-bugs: ## show that the simulator catches each planted bug (its own build, Sources/Base/PlantedBug.swift)
	@.ci/setup.sh packages venv
	@.ci/sim.sh build
	$(PYTEST) --noconftest Tests/SimulatorTests

test-process: release ## kill -9, bad input, full disks; clusters, also with members of the official etcd; containers
	@.ci/setup.sh venv reference docker
	$(PYTEST) Tests/ProcessTests

test-long: release ## clusters and crashes for an hour or so: random operations in a mixed cluster, rounds of kill -9
	@.ci/setup.sh venv reference
	OPERATIONS=$${OPERATIONS:-300000} ROUNDS=$${ROUNDS:-1000} $(PYTEST) Tests/ProcessTests/test_mixed_cluster.py Tests/ProcessTests/test_crash.py

sim: ## whole clusters in virtual time with injected faults, seed after seed until told to stop (SEED=n: that seed alone, with its story)
	@.ci/setup.sh packages
	@.ci/sim.sh

release: ## all executables, static and stripped, into .build/dist
	@.ci/setup.sh packages
	@.ci/release.sh

bench: release ## measure ours and the reference etcd in one run, and print the ratios
	@.ci/setup.sh venv reference
	@$(PYTHON) Tests/Benchmark/bench.py
	@$(PYTHON) Tests/Benchmark/cluster.py

check: ## lint: swift-format, Python and shell syntax
	@.ci/setup.sh packages
	@.ci/format.sh check

fix: ## format what `make check` complains about
	@.ci/format.sh fix

generate: ## make Sources/Wire/Generated from Sources/Wire/Protos
	@.ci/setup.sh packages
	swift build --product wire-generator
	Sources/wire-generator/generate.sh

check-generated: ## fail if Sources/Wire/Generated is not what the .proto files make
	@.ci/setup.sh packages
	swift build --product wire-generator
	Sources/wire-generator/generate.sh --check

setup: ## install all that the other targets need
	@.ci/setup.sh packages venv reference

clean: down ## remove everything that was built
	rm -rf .build
