"""Whether the simulator sees: each planted bug (Sources/Base/PlantedBug.swift) breaks a rule within 2,000 seeds, and without
one the same seeds are clean. `make sim-bugs` runs this alone.

Which faults bring a bug to light is known, so each is looked for with the profile that has them. A seed gives the same run
every time; which seed it is that catches a bug changes with the code.
"""

import pathlib
import re
import subprocess

import pytest

SIMULATOR = pathlib.Path(__file__).resolve().parents[2] / ".build/sim/release/etcd-sim"
SEEDS = 2000
# Of virtual time with clients, per seed.
LENGTH = "120s"

BUGS = {
    "acknowledgeBeforeSync": "network",
    "voteTwice": "crashes",
    "commitOlderTerm": "crashes",
    "truncateOnOldAppend": "network",
    "learnerInQuorum": "membership",
    "voteForShorterLog": "network",
    "readWithoutQuorum": "network",
    "readBeforeTermCommitted": "crashes",
    "forwardTwice": "network",
    "applyTwice": "crashes",
    "indexAheadOfData": "crashes",
    "applyBeforeDurable": "network",
    "tornTailAccepted": "disks",
    "snapshotBeforeDatabase": "crashes",
    "snapshotWithoutMembers": "crashes",
    "leaseAttachLost": "crashes",
    "leaseEndsEarly": "network",
    "renewalForgotten": "network",
    "applyByLocalClock": "network",
    "watchGapAfterSnapshot": "network",
    "watchRepeatAfterSnapshot": "network",
    "progressAhead": "crashes",
    "tombstoneLost": "crashes",
    "txnHalfApplied": "network",
    "hashDiffers": "network",
}

# The last seed that a bug needed, by profile.
needed: dict[str, int] = {}


def simulate(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [SIMULATOR, "run", "--quiet", "--time", LENGTH, *arguments], capture_output=True, text=True, errors="replace", timeout=3600)


def test_every_planted_bug_is_looked_for():
    told = simulate("--bug", "?").stderr
    assert set(re.findall(r"\w+", told.partition("choose from")[2])) == set(BUGS)


@pytest.mark.parametrize("bug", BUGS)
def test_the_bug_is_caught(bug):
    profile = BUGS[bug]
    run = simulate("--seeds", f"1..{SEEDS}", "--profile", profile, "--bug", bug)
    assert run.returncode == 1, f"{SEEDS} seeds, and nothing was found:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"
    seed = re.search(r"^seed (\d+) ", run.stdout, re.M)
    broken = re.findall(r"^\s*(?:[\d.]+ s\s+)?VIOLATION.*", run.stdout, re.M)
    assert seed and broken, f"{run.stdout[-2000:]}{run.stderr[-2000:]}"
    print(f"{bug}: seed {seed.group(1)} ({profile}), {broken[-1].strip()}")
    needed[profile] = max(needed.get(profile, 0), int(seed.group(1)))


@pytest.mark.parametrize("profile", sorted(set(BUGS.values())))
def test_without_a_bug_the_same_seeds_are_clean(profile):
    last = needed.get(profile, 20)
    run = simulate("--seeds", f"1..{last}", "--profile", profile)
    assert run.returncode == 0, f"{run.stdout[-8000:]}{run.stderr[-2000:]}"
