"""The order in which the options of an `order` question are shown: alike for everyone in a run."""

from __future__ import annotations

import hashlib


def shown_order(seed: str, question: int, count: int) -> tuple[int, ...]:
    """A permutation of `range(count)`: `shown[i]` is the option, as numbered in the quiz, at i.

    It follows from the run's secret `seed` alone, so that every process and every retry agrees.
    The seed must never reach a client, or the solution could be computed from it.
    """
    return tuple(
        sorted(
            range(count),
            key=lambda option: hashlib.sha256(f"{seed}/{question}/{option}".encode()).digest(),
        )
    )


def solution_as_shown(shown: tuple[int, ...]) -> list[int]:
    """The right answer to an `order` question: indices into the options as shown."""
    return sorted(range(len(shown)), key=lambda index: shown[index])
