"""Whom the early closing of a question waits for."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from gateway.live.room.room import Room
from quiz.extra_time import NORMAL

ABSENCE_S = 2.0
"""How long it waits for a player who has lost the connection."""
EXTRA_ABSENCE_S = 15.0
"""The same for a player with extra time, who may need it for reconnecting, too."""


def awaited(room: Room, now: float) -> int:
    """Return how many players have just lost their connection without an answer (monotonic `now`):
    a blip of the network must not close the question to them.
    """

    def patience_s(player_id: str) -> float:
        return ABSENCE_S if room.extra_time(player_id) == NORMAL else EXTRA_ABSENCE_S

    return len(room.seats.absent(now, patience_s) - room.answers.keys())


def done(room: Room, at_ms: int) -> AbstractSet[str]:
    """Return the players here who have nothing to wait for any more at `at_ms` (epoch): they have
    answered, or their own time is over while that of others goes on.
    """
    players, window = room.seats.players, room.window
    answered = room.answers.keys() & players.keys()
    if window is None or window.last_closes_at is None or at_ms <= window.closes_at:
        return answered
    return answered | {
        player_id for player_id in players if window.over_for(room.extra_time(player_id), at_ms)
    }
