"""Random tests against live servers: once in `make test`, until the time is up in `make fuzz`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

BUDGET_S = float(os.environ.get("QUIZRUN_FUZZ_S") or 0)
"""Set by `make fuzz`."""


def rounds() -> Iterator[int]:
    """Yield 0, and further numbers until the time is up."""
    ends, number = time.monotonic() + BUDGET_S, 0
    while True:
        yield number
        number += 1
        if time.monotonic() >= ends:
            return


def repeat(check: Callable[[], None]) -> None:
    """Call a test of Hypothesis, which generates other examples each time."""
    for _ in rounds():
        check()
