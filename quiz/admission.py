"""The rules for joining a run and for returning to it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase
from quiz.safety import SEATS_PER_NETWORK

MAX_WAITING = 500
"""Maximum number of players waiting for the host in one run."""
MAX_WAITING_PER_NETWORK = 250
"""Maximum number of them from one network."""
SEAT_KEPT_MS = 60_000
"""How long the seat of a player who has left a lobby is kept when somebody else needs it."""
ASK_AGAIN_MS = 1_500
GONE_AFTER_MS = 30_000
"""A waiting player who has not asked again for this long has given up; the nickname is free."""


class Admission(enum.Enum):
    """The outcome for an applicant."""

    SAME_PLAYER = enum.auto()
    """They have joined before."""
    NEW_PLAYER = enum.auto()
    WAITING = enum.auto()
    """The host has to admit them."""


@dataclass(slots=True)
class Entrance:
    """The state of a run that decides who may join. `waiting` is the number of waiting players."""

    phase: Phase
    over: bool
    locked: bool
    late_join: bool
    players: int
    max_players: int
    approve: bool
    seats_per_network: int = SEATS_PER_NETWORK
    waiting: int = 0

    @property
    def closed(self) -> bool:
        """Whether new players are refused."""
        return self.locked or (not self.late_join and self.phase is not Phase.LOBBY)


@dataclass(frozen=True, slots=True)
class Holder:
    """A player of the run. `key` is the secret that makes a repeated join the same player."""

    key: str | None
    kicked: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting player, whose last request was at `seen_at` (epoch ms)."""

    key: str | None
    seen_at: int
    admitted: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """A request to join at `asked_at` (epoch ms), and what is known about its sender."""

    key: str | None
    asked_at: int
    own: Holder | None = None
    """The player created by an earlier attempt of this request."""
    namesake: Holder | None = None
    """The player who currently has the nickname."""
    waiting: Waiting | None = None
    """The player waiting under the nickname."""
    removed: bool = False
    """Whether the host has removed a player with this name or device."""
    neighbours: int = 0
    """The players from the same network; removed ones still count."""
    neighbours_waiting: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether the player waiting under the nickname is this applicant."""
        return self.waiting is not None and self._same(self.waiting.key)

    @property
    def is_returning(self) -> bool:
        """Whether the player with the nickname is this applicant."""
        return self.namesake is not None and self._same(self.namesake.key)

    def _same(self, key: str | None) -> bool:
        return bool(self.key) and self.key == key


def admit(entrance: Entrance, who: Applicant) -> Admission:
    """Decide whether an applicant may join.

    Raises `run_finished`, `kicked`, `run_locked`, `nickname_taken`, `run_full` or `network_full`.
    """
    if entrance.over:
        raise QuizrunError(ErrorCode.RUN_FINISHED, "This quiz is over.")
    if who.own is not None and who.own.kicked:
        raise kicked()
    if who.own is not None or who.is_returning:
        return Admission.SAME_PLAYER
    if who.removed:
        raise kicked()
    if entrance.closed and not who.is_waiting:  # the host decides about waiting players
        raise QuizrunError(ErrorCode.RUN_LOCKED, "Nobody else can join this quiz now.")
    if who.namesake is not None:
        raise _nickname_taken()
    if entrance.players >= entrance.max_players:
        raise QuizrunError(ErrorCode.RUN_FULL, "This quiz has no seats left.")
    if who.neighbours >= entrance.seats_per_network:
        raise _network_full()
    return _approved(entrance, who) if entrance.approve else Admission.NEW_PLAYER


def _approved(entrance: Entrance, who: Applicant) -> Admission:
    waiting = who.waiting
    if waiting is not None and who.is_waiting:
        return Admission.NEW_PLAYER if waiting.admitted else Admission.WAITING
    if waiting is not None and waiting.seen_at > who.asked_at - GONE_AFTER_MS:
        raise _nickname_taken()
    if entrance.waiting >= MAX_WAITING:
        raise QuizrunError(ErrorCode.RUN_FULL, "Too many players are waiting to be let in.")
    if who.neighbours_waiting >= min(entrance.seats_per_network, MAX_WAITING_PER_NETWORK):
        raise _network_full()
    return Admission.WAITING


def check_return(*, is_kicked: bool, token_epoch: int, held_epoch: int) -> None:
    """Check a player who returns with a token of `held_epoch`.

    Raises `kicked`, or `moved` if the player has moved to another device since.
    """
    if is_kicked:
        raise kicked()
    if token_epoch > held_epoch:
        raise QuizrunError(ErrorCode.MOVED, "You are playing on another device now.")


def kicked() -> QuizrunError:
    """Return the refusal of a player whom the host has removed."""
    return QuizrunError(ErrorCode.KICKED, "The host has removed you from this quiz.")


def waiting_for_host() -> QuizrunError:
    """Return the refusal of a waiting applicant, whose client repeats the join."""
    return QuizrunError(
        ErrorCode.WAITING_FOR_HOST,
        "The host has to let you in. Ask again with the same `key`.",
        retry_in_ms=ASK_AGAIN_MS,
    )


def _network_full() -> QuizrunError:
    return QuizrunError(
        ErrorCode.NETWORK_FULL,
        "Too many players have joined from your network. The host can allow more.",
    )


def _nickname_taken() -> QuizrunError:
    return QuizrunError(ErrorCode.NICKNAME_TAKEN, "Someone else has this nickname.")
