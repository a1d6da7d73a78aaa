"""Who is connected to a room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final


class Seat:
    """A player who is connected here. `score` and `streak` are as of the last reveal."""

    __slots__ = ("_score", "_streak", "nickname", "player_id", "sid", "token_epoch")

    def __init__(
        self,
        player_id: str,
        nickname: str,
        sid: str,
        *,
        score: int = 0,
        streak: int = 0,
        token_epoch: int = 0,
    ) -> None:
        self.player_id: Final = player_id
        self.nickname: Final = nickname
        self.sid: Final = sid
        self.token_epoch: Final = token_epoch
        self._score = score
        self._streak = streak

    @property
    def score(self) -> int:
        """Points as of the last reveal."""
        return self._score

    @property
    def streak(self) -> int:
        """Right answers in a row as of the last reveal."""
        return self._streak

    def scored(self, score: int, streak: int | None = None) -> None:
        """Take in what a reveal brought; the streak stays where it is not known."""
        self._score = score
        if streak is not None:
            self._streak = streak


class Seats:
    """The players and hosts connected here, and the players who have just lost their connection.

    Times are monotonic seconds.
    """

    __slots__ = ("_absent", "_empty_since", "_hosts", "_players")

    def __init__(self, now: float) -> None:
        self._players: dict[str, Seat] = {}
        self._hosts: set[str] = set()
        self._absent: dict[str, float] = {}
        self._empty_since: float | None = now

    @property
    def players(self) -> Mapping[str, Seat]:
        """The seats by player id."""
        return self._players

    @property
    def hosts(self) -> AbstractSet[str]:
        """The sockets of hosts."""
        return self._hosts

    @property
    def empty(self) -> bool:
        """Whether nobody is connected here."""
        return not self._players and not self._hosts

    @property
    def empty_since(self) -> float | None:
        """When the last socket left; None while there is one."""
        return self._empty_since

    def get(self, player_id: str) -> Seat | None:
        """The player's seat, if they are connected here."""
        return self._players.get(player_id)

    def seat(self, seat: Seat) -> Seat | None:
        """Give a player's place to their newest connection. Returns the seat that it replaces."""
        before = self._players.get(seat.player_id)
        self._players[seat.player_id] = seat
        self._absent.pop(seat.player_id, None)
        self._empty_since = None
        return before if before is not seat else None

    def leave(self, seat: Seat, now: float) -> None:
        """Free a place, unless a newer connection of the player has taken it."""
        if self._players.get(seat.player_id) is seat:
            del self._players[seat.player_id]
            self._absent[seat.player_id] = now
        self.touch(now)

    def admit_host(self, sid: str) -> None:
        """Add a host's socket."""
        self._hosts.add(sid)
        self._empty_since = None

    def dismiss_host(self, sid: str, now: float) -> None:
        """Remove a host's socket."""
        self._hosts.discard(sid)
        self.touch(now)

    def touch(self, now: float) -> None:
        """Count the time that an empty room has been empty from now on."""
        self._empty_since = now if self.empty else None

    def absent(self, now: float, patience_s: Callable[[str], float]) -> AbstractSet[str]:
        """The players who lost their connection less than `patience_s(player_id)` ago."""
        self._absent = {
            player_id: at
            for player_id, at in self._absent.items()
            if now - at < patience_s(player_id)
        }
        return self._absent.keys()
