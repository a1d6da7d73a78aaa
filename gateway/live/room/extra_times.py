"""The extra times of a run's players."""

from __future__ import annotations

from collections.abc import Mapping

from db.extra_time import ExtraTimes
from quiz.extra_time import NORMAL, ExtraTime


class PlayerExtraTimes:
    """The extra times of the players who have any, or lately had, connected here or not.

    `changes` says how many changes are included: a gateway that has missed one compares it with
    the run's row.
    """

    __slots__ = ("_by_player", "_changes")

    def __init__(self, found: ExtraTimes | None = None) -> None:
        self._by_player: dict[str, ExtraTime] = dict(found.players) if found else {}
        self._changes = found.changes if found else 0

    def __bool__(self) -> bool:
        return bool(self._by_player)

    @property
    def changes(self) -> int:
        """How many changes are included."""
        return self._changes

    def get(self, player_id: str) -> ExtraTime | None:
        """A player's extra time; None where the player never had any."""
        return self._by_player.get(player_id)

    def percent(self, player_id: str, question: int) -> int:
        """A player's factor for a question (`quiz.extra_time`)."""
        extra = self._by_player.get(player_id)
        return NORMAL if extra is None else extra.at(question)

    def update(self, players: Mapping[str, ExtraTime]) -> None:
        """Take in one change. Others may be missing, so that `changes` stays."""
        self._by_player.update(players)

    def replace(self, found: ExtraTimes) -> Mapping[str, ExtraTime]:
        """Take in all that is stored. Returns what was known before."""
        before, self._by_player = self._by_player, dict(found.players)
        self._changes = found.changes
        return before
