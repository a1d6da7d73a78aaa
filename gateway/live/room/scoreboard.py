"""Results and ranks, as far as they are loaded here."""

from __future__ import annotations

from collections.abc import Mapping

from db.scoring import PlayerResult


class Scoreboard:
    """What the revealed question brought the players here, and how all players of the run stand.

    `version` is the `standings_version` of the run that the places belong to.
    """

    __slots__ = ("_places", "_results", "_version")

    def __init__(self) -> None:
        self._results: dict[str, PlayerResult] = {}
        self._places: Mapping[str, tuple[int, int]] = {}
        self._version: int | None = None

    @property
    def version(self) -> int | None:
        """The `standings_version` of the places; None: they must be loaded."""
        return self._version

    def result(self, player_id: str) -> PlayerResult | None:
        """What the revealed question brought a player, if it is loaded."""
        return self._results.get(player_id)

    def place(self, player_id: str) -> tuple[int, int] | None:
        """A player's rank and score, if they are loaded."""
        return self._places.get(player_id)

    def add_results(self, results: Mapping[str, PlayerResult]) -> None:
        """Take in results of the current question."""
        self._results.update(results)

    def rank(self, version: int, places: Mapping[str, tuple[int, int]]) -> bool:
        """Take in all places as of `version`. Returns False where later ones are here."""
        if self._version is not None and version < self._version:
            return False
        self._version, self._places = version, places
        return True

    def expire(self) -> None:
        """Have the places loaded again: they were made without a player who is back."""
        self._version = None

    def clear_results(self) -> None:
        """Begin another question."""
        self._results = {}
