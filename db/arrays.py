"""PostgreSQL array literals."""

from __future__ import annotations

from collections.abc import Iterable


def array(elements: Iterable[str]) -> str:
    """Build an array literal of elements that need no quoting, or are quoted already.

    The driver checks every element for characters to quote: a third of the cost of a batch of
    answers.
    """
    return "{" + ",".join(elements) + "}"


def quoted(element: str) -> str:
    """Quote an element of an array literal."""
    return '"' + element.replace("\\", "\\\\").replace('"', '\\"') + '"'
