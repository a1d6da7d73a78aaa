"""What is said on the bus, and the CloudEvents type and id of each message."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError

from bus.envelope import CloudEvent
from quiz.answers import Answer
from quiz.events import EventType
from quiz.record import Record
from quiz.snapshot import RunSnapshot

EVENT_TYPES: tuple[str, ...] = get_args(EventType)


def wire_type(name: str) -> str:
    """The CloudEvents type of `name`: ``question.opened`` → ``quizrun.question.opened.v1``."""
    return f"quizrun.{name}.v1"


class RunEvent(Record):
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


class JoinedPlayer(Record):
    """One who has just joined."""

    player_id: str
    nickname: str


class PlayersJoinedEvent(Record):
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


class AnswerRecorded(Record):
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


class AnswerScored(Record):
    """What an answer earned. `correct` is None where there is no right answer.

    `scored_in` is the question with which it was scored. A later one than its own says that the
    answer was committed late, or that its streak bonus was corrected for one that was; the latest
    message counts. `correction` is the number of the correction, made by the host after the run,
    that changed the points; the highest number counts.
    """

    run_id: str
    question: int
    player_id: str
    points: int
    bonus: int
    correct: bool | None
    scored_in: int | None = None
    correction: int | None = None

    @property
    def event_id(self) -> str:
        """An answer is scored once with its own question, and seldom again with a later one or by a
        correction.
        """
        id_ = f"{self.run_id}/{self.question}/{self.player_id}/score"
        if self.correction is not None:
            return f"{id_}/correction/{self.correction}"
        return id_ if self.scored_in in (None, self.question) else f"{id_}/{self.scored_in}"


class RoomChanged(Record):
    """A change to a run's people or answers that does not make a new version of the run.

    `player_back`: `player_id` was removed and is a player again. `player_moved`: only tokens of
    `token_epoch` are good from now on. `answers`: what may be shown of the typed answers to
    `question` has changed.
    """

    run_id: str
    change: str
    key: str
    """Unique for each change."""
    player_id: str | None = None
    nickname: str | None = None
    token_epoch: int | None = None
    question: int | None = None

    @property
    def event_id(self) -> str:
        """The event id, equal for every attempt to publish the change."""
        return f"{self.run_id}/{self.change}/{self.key}"


PLAYERS_JOINED = wire_type("player.joined")
ROOM_CHANGED = wire_type("room.changed")
ANSWER_RECORDED = wire_type("answer.recorded")
ANSWER_SCORED = wire_type("answer.scored")

LiveMessage = RunEvent | PlayersJoinedEvent | RoomChanged

_LIVE: dict[str, type[LiveMessage]] = {
    PLAYERS_JOINED: PlayersJoinedEvent,
    ROOM_CHANGED: RoomChanged,
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
    assert isinstance(message, LiveMessage)
    return message
