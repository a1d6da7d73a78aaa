"""The order in which the options of an `order` question are shown: the same for a whole run."""

from __future__ import annotations

import hashlib


def shown_order(seed: str, question: int, count: int) -> tuple[int, ...]:
    """Return a permutation of `range(count)`: `shown[i]` is the quiz's index of the i-th option.

    It depends only on the arguments, so that all processes and retries agree. The run's secret
    `seed` must never reach a client, which could compute the solution from it.
    """
    return tuple(
        sorted(
            range(count),
            key=lambda option: hashlib.sha256(f"{seed}/{question}/{option}".encode()).digest(),
        )
    )


def solution_as_shown(shown: tuple[int, ...]) -> list[int]:
    """Return the correct answer to an `order` question: indices of the options as shown."""
    return sorted(range(len(shown)), key=lambda index: shown[index])
