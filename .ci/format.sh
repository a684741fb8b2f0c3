#!/bin/sh
# Lint and format. Generated code is left as its generator writes it.
set -eu
cd "$(dirname "$0")/.."
swift_files() {
    find Package.swift Sources Tests -name '*.swift' -not -path '*/Generated/*' -print0
}
python_files() {
    find Tests .ci -name '*.py' -print0
}
case ${1:-} in
check)
    swift_files | xargs -0 swift format lint --configuration .swift-format --strict
    python_files | xargs -0 python3 -c 'import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]'
    for script in .ci/*.sh .ci/run docker/*.sh Sources/wire-generator/generate.sh; do sh -n "$script"; done
    echo "check: no complaints"
    ;;
fix)
    swift_files | xargs -0 swift format format --configuration .swift-format --in-place
    ;;
*)
    echo "format.sh: check or fix" >&2
    exit 2
    ;;
esac
