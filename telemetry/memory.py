"""Garbage collector settings for processes that must respond within milliseconds."""

from __future__ import annotations

import gc

THRESHOLDS = (50_000, 20, 100)
"""By default a collection starts every 700 allocations, and full collections traverse all objects
of thousands of sockets: pauses of up to 945 ms were measured (docs/benchmarks.md)."""


def tune_gc() -> None:
    """Collect less often, and never again what exists now. Call it once startup is complete."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
