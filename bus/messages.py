"""What is said on the bus, and the CloudEvents type and id of each message."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError

from bus.envelope import CloudEvent
from quiz.answers import Answer
from quiz.content import Strict
from quiz.events import EventType
from quiz.snapshot import RunSnapshot

EVENT_TYPES: tuple[str, ...] = get_args(EventType)


def wire_type(name: str) -> str:
    """The CloudEvents type of `name`: ``question.opened`` → ``quizrun.question.opened.v1``."""
    return f"quizrun.{name}.v1"


class RunEvent(Strict):
    """A run has moved to `version`; `snapshot` is how it stands now.

    `player_id` is set where the event is about one player (`player.kicked`).
    """

    type: EventType
    version: int
    snapshot: RunSnapshot
    player_id: str | None = None

    @property
    def run_id(self) -> str:
        """The run that this is about."""
        return self.snapshot.state.run_id

    @property
    def event_id(self) -> str:
        """The same for every attempt to publish this version."""
        return f"{self.run_id}/{self.version}"


class JoinedPlayer(Strict):
    """One who has just joined."""

    player_id: str
    nickname: str


class PlayersJoinedEvent(Strict):
    """Players who joined since the last such message of one gateway; `total` is all of the run."""

    run_id: str
    players: list[JoinedPlayer]
    total: int

    @property
    def event_id(self) -> str:
        """A player joins once, and a gateway announces joins in order: the first one and the count
        name the message.
        """
        return f"{self.run_id}/joined/{self.players[0].player_id}/{len(self.players)}"


class AnswerRecorded(Strict):
    """An answer that was acknowledged."""

    run_id: str
    question: int
    player_id: str
    answer: Answer
    elapsed_ms: int
    received_at: int

    @property
    def event_id(self) -> str:
        """A player answers a question once."""
        return f"{self.run_id}/{self.question}/{self.player_id}/answer"


class AnswerScored(Strict):
    """What an answer earned. `correct` is None where there is no right answer."""

    run_id: str
    question: int
    player_id: str
    points: int
    bonus: int
    correct: bool | None

    @property
    def event_id(self) -> str:
        """An answer is scored once."""
        return f"{self.run_id}/{self.question}/{self.player_id}/score"


PLAYERS_JOINED = wire_type("player.joined")
ANSWER_RECORDED = wire_type("answer.recorded")
ANSWER_SCORED = wire_type("answer.scored")

LiveMessage = RunEvent | PlayersJoinedEvent

_LIVE: dict[str, type[RunEvent | PlayersJoinedEvent]] = {
    PLAYERS_JOINED: PlayersJoinedEvent,
    **{wire_type(name): RunEvent for name in EVENT_TYPES},
}


def live_message(event: CloudEvent) -> LiveMessage | None:
    """What a message of `quizrun.run-events` says; None for types that are newer than this code.

    Raises `ValueError` where the data do not fit the type.
    """
    model = _LIVE.get(event.type)
    if model is None:
        return None
    try:
        message: Any = model.model_validate(event.data)
    except ValidationError as error:
        raise ValueError(f"{event.type}: {error.error_count()} faults") from error
    if message.run_id != event.subject:
        raise ValueError(f"{event.type}: the subject is another run")
    assert isinstance(message, RunEvent | PlayersJoinedEvent)
    return message
