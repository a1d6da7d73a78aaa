"""How many players a run has."""

from __future__ import annotations


class PlayerCount:
    """The number of players of a run, on all gateways.

    Totals reach a gateway late and in any order: from its own joins, from other gateways, from the
    run's row. A run only grows until a player is removed, so the largest total is the newest. After
    a removal a smaller total may be newer, and only a count of the players settles it.
    """

    __slots__ = ("_shrunk", "_total")

    def __init__(self, total: int) -> None:
        self._total = total
        self._shrunk = False

    @property
    def total(self) -> int:
        """The newest number known here."""
        return self._total

    def joined(self, total: int) -> bool:
        """Take in the total after a join. Returns whether the players must be counted."""
        self._total = max(self._total, total)
        return self._shrunk

    def stored(self, total: int) -> bool:
        """Take in the total that the run's row had a moment ago. Returns whether it was news."""
        before = self._total
        self._total = total if self._shrunk else max(before, total)
        return self._total != before

    def counted(self, total: int) -> None:
        """Take in a count of the players, which is exact."""
        self._total = total

    def removed(self) -> None:
        """Note that a player was removed: totals on their way may be too high by now."""
        self._shrunk = True
