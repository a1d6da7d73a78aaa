"""PINs of runs: how long they are, so that guessing one is hopeless."""

from __future__ import annotations

from collections.abc import Mapping

SHORTEST, LONGEST = 6, 8
MAX_STORED = 12
"""Digits that a PIN may have at most when it is looked up."""
ONE_IN = 10_000
"""At most one of so many PINs of any length belongs to a live run, up to `LONGEST` digits."""


def is_pin(text: str) -> bool:
    """Whether this can be a PIN."""
    return 1 <= len(text) <= MAX_STORED and text.isascii() and text.isdigit()


def pins_of(digits: int) -> range:
    """Return all PINs of this length."""
    return range(10 ** (digits - 1), 10**digits)


def digits_for_new(live: Mapping[int, int]) -> int:
    """Return the length of a new run's PIN; `live` counts the live runs by length.

    The shortest at which a guess still hits a live run with a chance of 1 in `ONE_IN` at most: 6
    digits for 90 runs, 7 for the next 900, then 8.
    """
    for digits in range(SHORTEST, LONGEST):
        if (live.get(digits, 0) + 1) * ONE_IN <= len(pins_of(digits)):
            return digits
    return LONGEST
