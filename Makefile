# What you can do with this project. Every target installs what it lacks (Debian packages through apt, a Python venv and the
# reference etcd under .build) and says so.

.DEFAULT_GOAL := help
.PHONY: help up down status test test-swift test-conformance test-process release bench check fix generate check-generated clean setup

PYTHON := .build/venv/bin/python
PYTEST := $(PYTHON) -m pytest -c Tests/pytest.ini --rootdir Tests

help: ## show this text
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

up: ## build and start one member as a local process; data under .build/run/member
	@scripts/member.sh up

down: ## stop the member that `make up` started
	@scripts/member.sh down

status: ## show whether that member runs
	@scripts/member.sh status

test: ## everything CI needs, from nothing: all packages, builds and tests (SEED=n repeats the random cases)
	@scripts/setup.sh packages venv reference
	@python3 scripts/run-tests.py

test-swift: ## the unit tests alone
	@scripts/setup.sh packages
	swift test --disable-xctest

test-conformance: release ## ours against the official etcd and etcdctl
	@scripts/setup.sh venv reference
	$(PYTEST) Tests/ConformanceTests

test-process: release ## kill -9, bad input, full disks
	@scripts/setup.sh venv reference
	$(PYTEST) Tests/ProcessTests

release: ## all executables, static and stripped, into .build/dist
	@scripts/setup.sh packages
	@scripts/release.sh

bench: release ## measure ours and the reference etcd in one run, and print the ratios
	@scripts/setup.sh venv reference
	@$(PYTHON) Tests/Benchmark/bench.py

check: ## lint: swift-format, Python and shell syntax
	@scripts/setup.sh packages
	@scripts/format.sh check

fix: ## format what `make check` complains about
	@scripts/format.sh fix

generate: ## make Sources/Wire/Generated from Sources/Wire/Protos
	@scripts/setup.sh packages
	swift build --product wire-generator
	Sources/wire-generator/generate.sh

check-generated: ## fail if Sources/Wire/Generated is not what the .proto files make
	@scripts/setup.sh packages
	swift build --product wire-generator
	Sources/wire-generator/generate.sh --check

setup: ## install all that the other targets need
	@scripts/setup.sh packages venv reference

clean: down ## remove everything that was built
	rm -rf .build
