"""Random tests against live servers: once in `make test`, until the time is up in `make fuzz`."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

BUDGET_S = float(os.environ.get("QUIZRUN_FUZZ_S") or 0)
"""Set by `make fuzz`."""


T = TypeVar("T")


def repeat(check: Callable[[], None]) -> None:
    """Call a test of Hypothesis, which generates other examples each time."""
    ends = time.monotonic() + BUDGET_S
    while True:
        check()
        if time.monotonic() >= ends:
            return


def shuffled(items: Sequence[T]) -> Iterator[T]:
    """Yield all items in random order, again and again, until the time is up."""
    ends = time.monotonic() + BUDGET_S
    while True:
        for item in random.sample(items, len(items)):
            if time.monotonic() >= ends:
                return
            yield item
