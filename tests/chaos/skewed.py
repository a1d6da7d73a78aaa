"""Run a module with a skewed wall clock: `python -m tests.chaos.skewed MS MODULE ARGUMENTS…`."""

from __future__ import annotations

import runpy
import sys
import time


def skew(milliseconds: int) -> None:
    """Skew this process's wall clock. The monotonic clock, and thus timers, are not affected."""
    true_time, true_time_ns = time.time, time.time_ns
    time.time = lambda: true_time() + milliseconds / 1000
    time.time_ns = lambda: true_time_ns() + milliseconds * 1_000_000


if __name__ == "__main__":
    skew(int(sys.argv[1]))
    module = sys.argv[2]
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
