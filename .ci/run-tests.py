"""Runs every suite, one after the other, goes on after a failure, and closes with one line that counts all tests.

Exit status 0 only if every step succeeded and at least one test ran in every suite.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PYTHON = str(ROOT / ".build/venv/bin/python")


class Step:
    def __init__(self, name, command, count=None):
        self.name, self.command, self.count = name, command, count


def swift_counts(output: str) -> tuple[int, int, int]:
    """Swift Testing's closing line counts tests; failing and skipped ones have a line of their own."""
    closing = re.search(r"Test run with (\d+) tests?", output)
    total = int(closing.group(1)) if closing else 0
    failed = len(re.findall(r"^✘ Test (?!run).* failed after", output, re.M))
    skipped = len(re.findall(r"^[➜↷✂–-]+ ?Test .* skipped", output, re.M))
    return total - failed - skipped, failed, skipped


def pytest_counts(output: str) -> tuple[int, int, int]:
    closing = re.findall(r"^(?:=+ )?((?:\d+ \w+(?:, )?)+) in [\d.]+s.*$", output, re.M)
    counts = dict((word, int(number)) for number, word in re.findall(r"(\d+) (\w+)", closing[-1])) if closing else {}
    failed = sum(counts.get(word, 0) for word in ("failed", "error", "errors"))
    return counts.get("passed", 0) + counts.get("xfailed", 0), failed, counts.get("skipped", 0)


def pytest_step(name: str, folder: str, *options: str) -> Step:
    return Step(name, [PYTHON, "-m", "pytest", "-c", "Tests/pytest.ini", "--rootdir", "Tests", "-rs", *options, folder], pytest_counts)


def sim_counts(output: str) -> tuple[int, int, int]:
    """The simulator's closing line counts seeds."""
    closing = re.search(r"^(\d+) seeds, (\d+) failed", output, re.M)
    seeds, failed = (int(closing.group(1)), int(closing.group(2))) if closing else (0, 0)
    return seeds - failed, failed, 0


STEPS = [
    Step("build", ["swift", "build", "--build-tests"]),
    Step("generated code", ["sh", "Sources/wire-generator/generate.sh", "--check"]),
    Step("unit tests", ["swift", "test", "--skip-build", "--disable-xctest"], swift_counts),
    Step("simulation", ["sh", ".ci/sim.sh", "test"], sim_counts),
    # With the same build, which holds the planted bugs switched off; the common conftest asks for `etcd` itself, not yet built.
    pytest_step("planted bugs", "Tests/SimulatorTests", "--noconftest"),
    Step("release", ["sh", ".ci/release.sh"]),
    pytest_step("conformance", "Tests/ConformanceTests"),
    pytest_step("process", "Tests/ProcessTests"),
]


def run(step: Step) -> tuple[int, str]:
    print(f"\n=== {step.name}: {' '.join(step.command)}", flush=True)
    output = []
    process = subprocess.Popen(
        step.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"}, text=True, errors="replace")
    for line in process.stdout:
        output.append(line)
        # A passing Swift test needs no line of its own in the log.
        if not re.match(r"(◇|✔ (Test|Suite) (?!run))", line):
            sys.stdout.write(line)
            sys.stdout.flush()
    return process.wait(), "".join(output)


def main() -> int:
    totals = [0, 0, 0]
    broken = []
    for step in STEPS:
        began = time.monotonic()
        status, output = run(step)
        print(f"=== {step.name}: {'ok' if status == 0 else f'exit {status}'}, {time.monotonic() - began:.0f} s", flush=True)
        counts = step.count(output) if step.count else (0, 0, 0)
        if step.count and counts[0] + counts[1] == 0:
            print(f"=== {step.name}: ran no test", flush=True)
            status = status or 1
        if status != 0:
            broken.append(step.name)
            # A step that failed without a failing test (a build, a crash of the runner) counts as one.
            counts = (counts[0], max(counts[1], 1), counts[2])
        totals = [a + b for a, b in zip(totals, counts)]
        if status != 0 and step.name == "build":
            break
    if broken:
        print(f"\nfailed: {', '.join(broken)}")
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if broken else 0


sys.exit(main())
