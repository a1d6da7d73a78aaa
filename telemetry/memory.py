"""The garbage collector, made calm enough for a process that answers within milliseconds."""

from __future__ import annotations

import gc

THRESHOLDS = (50_000, 20, 100)
"""By default a collection starts every 700 allocations, and full ones look at all the objects of
thousands of sockets: pauses of up to 945 ms were measured (docs/benchmarks.md)."""


def tune_gc() -> None:
    """To be called once the process is set up: what exists by then is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
