"""Server → players and hosts."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from gateway.live.protocol.messages.base import Sent
from gateway.live.protocol.messages.parts import (
    BreakFields,
    OutcomeFields,
    OwnOutcome,
    OwnResult,
    QuestionFields,
    RevealFields,
)
from quiz.run import Phase
from quiz.snapshot import LeaderboardLine


class Starting(Sent):
    """The countdown has started."""

    event: ClassVar[str] = "starting"
    starts_at: int


class Question(QuestionFields, Sent):
    """A question, sent before `opens_at`. It is sent again, with new times, if the first
    publication may have been lost.
    """

    event: ClassVar[str] = "question"


class Paused(Sent):
    """The run is paused. `remaining_ms` is null in phases without a deadline; in a question it is
    the time left for players without extra time. Once that is over while others still have time,
    it is 0, and `overtime_ms` is how long it has been over.
    """

    event: ClassVar[str] = "paused"
    phase: Phase
    remaining_ms: int | None
    overtime_ms: int | None = None
    reading: bool | None = None
    """True: answers were not open yet."""


class Resumed(Sent):
    """The run continues. `closes_at` is null outside a question."""

    event: ClassVar[str] = "resumed"
    phase: Phase
    closes_at: int | None
    paused_ms: int
    starts_at: int | None = None
    break_ends_at: int | None = None


class Reveal(RevealFields, Sent):
    """The question is over. Players get their own part as a second argument."""

    event: ClassVar[str] = "reveal"
    own_part: ClassVar[type[BaseModel] | None] = OwnResult


class Answers(Sent):
    """The typed answers that are shown for a revealed question have changed, because the host
    approved or hid some. Replaces the `distribution` of the reveal.
    """

    event: ClassVar[str] = "answers"

    question: int
    distribution: list[Any]


class Standings(Sent):
    """The host shows the standings after a question, or returns to the solution. Players get no
    lines with the latter.
    """

    event: ClassVar[str] = "standings"
    question: int
    shown: bool
    leaderboard: list[LeaderboardLine]


class RoundBreak(BreakFields, Sent):
    """A break between two rounds. It ends with the next question."""

    event: ClassVar[str] = "round_break"


class Finished(OutcomeFields, Sent):
    """The run is over. Players get their own part as a second argument."""

    event: ClassVar[str] = "finished"
    own_part: ClassVar[type[BaseModel] | None] = OwnOutcome


class Closed(Sent):
    """``cancelled``: the run ended before its first question. ``replaced``: the same player has
    opened another connection. ``moved``: the player continues on another device, and this device's
    token is no longer valid. After ``replaced`` and ``moved`` the socket is disconnected.
    """

    event: ClassVar[str] = "closed"
    reason: Literal["cancelled", "replaced", "moved"]


class ComeBack(Sent):
    """This gateway is shutting down and about to close the connection: reconnect in `in_ms`. Each
    client gets another delay, so that not all reach the other gateways at once.
    """

    event: ClassVar[str] = "come_back"
    in_ms: int
