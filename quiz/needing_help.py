"""The rule for which players need help after a run."""

from __future__ import annotations


def needs_help(right: int, asked: int) -> bool:
    """Return whether fewer than half of the `asked` questions were answered correctly.

    Unanswered questions count as wrong.
    """
    return asked > 0 and 2 * right < asked
