"""Who needs help after a run: one rule, for reports and tests alike."""

from __future__ import annotations


def needs_help(right: int, asked: int) -> bool:
    """Whether a player who was `right` at so many of the `asked` questions needs help: at fewer
    than half of them. What was not answered is not right.
    """
    return asked > 0 and 2 * right < asked
