"""Run a module whose wall clock is wrong: `python -m tests.chaos.skewed MS MODULE ARGUMENTS…`."""

from __future__ import annotations

import runpy
import sys
import time


def skew(milliseconds: int) -> None:
    """Set this process's wall clock wrong. The monotonic clock, and with it timers, stay right."""
    true_time, true_time_ns = time.time, time.time_ns
    time.time = lambda: true_time() + milliseconds / 1000
    time.time_ns = lambda: true_time_ns() + milliseconds * 1_000_000


if __name__ == "__main__":
    skew(int(sys.argv[1]))
    module = sys.argv[2]
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
