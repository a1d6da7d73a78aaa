"""Arrays as PostgreSQL reads them."""

from __future__ import annotations

from collections.abc import Iterable


def array(elements: Iterable[str]) -> str:
    """An array of numbers, ids, and what is quoted already. The driver looks for what must be
    quoted in each element of each list: a third of what a batch of answers cost.
    """
    return "{" + ",".join(elements) + "}"
