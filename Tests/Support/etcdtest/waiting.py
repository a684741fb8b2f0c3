"""Waiting for events. Nothing in the tests sleeps to be right, and nothing fails because a machine is slow."""

import time

# How long anything may take that should happen at once. Only a failing run waits so long.
PATIENCE = 90.0


def until(condition, what: str, deadline=PATIENCE, pause=0.05):
    """Repeats `condition` until it returns something true, and returns that. Errors of the last try are told."""
    end = time.monotonic() + deadline
    last = None
    while True:
        try:
            if found := condition():
                return found
            last = None
        except Exception as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {what() if callable(what) else what}") from last
        time.sleep(pause)
