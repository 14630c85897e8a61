"""A task that does nothing for a while: what a queue of tasks is tried with, `python -m genlab` not included."""

import time
from collections.abc import Callable


def nap(seconds: float, told: Callable[[float, str], None]) -> float:
    """Tell of every tenth of a second; how long it was."""
    began = time.monotonic()
    while (gone := time.monotonic() - began) < seconds:
        told(gone / seconds, "resting")
        time.sleep(0.1)
    return seconds
