"""The messages on the bus, with the CloudEvents type and id of each."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

import orjson
from pydantic import ValidationError

from bus.envelope import CloudEvent
from quiz.answers import Answer
from quiz.events import EventType
from quiz.record import Record
from quiz.snapshot import RunSnapshot

EVENT_TYPES: tuple[str, ...] = get_args(EventType)


def wire_type(name: str) -> str:
    """Return the CloudEvents type: ``question.opened`` → ``quizrun.question.opened.v1``."""
    return f"quizrun.{name}.v1"


class RunEvent(Record):
    """A run has reached `version`, whose state is `snapshot`.

    `player_id` is set if the event concerns one player (`player.kicked`).
    """

    type: EventType
    version: int
    snapshot: RunSnapshot
    player_id: str | None = None

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return self.snapshot.state.run_id

    @property
    def event_id(self) -> str:
        """The event id, the same for every attempt to publish this version."""
        return f"{self.run_id}/{self.version}"

    def encoded(self, snapshot: str) -> bytes:
        """Encode the event as JSON with its snapshot, which is encoded already."""
        return orjson.dumps(
            {
                "type": self.type,
                "version": self.version,
                "snapshot": orjson.Fragment(snapshot),
                "player_id": self.player_id,
            }
        )


class JoinedPlayer(Record):
    """A player who has just joined."""

    player_id: str
    nickname: str


class PlayersJoinedEvent(Record):
    """Players who joined since this gateway's last such message; `total` counts the whole run."""

    run_id: str
    players: list[JoinedPlayer]
    total: int

    @property
    def event_id(self) -> str:
        """The event id."""
        # A player joins once, and a gateway reports joins in order: the first player and the number
        # of players identify the message.
        return f"{self.run_id}/joined/{self.players[0].player_id}/{len(self.players)}"


# A run sends tens of thousands of each of these two, and nothing of ours reads them: tuples take a
# fraction of the time of models.
class AnswerRecorded(NamedTuple):
    """An acknowledged answer."""

    run_id: str
    question: int
    player_id: str
    answer: Answer
    elapsed_ms: int
    received_at: int

    @property
    def event_id(self) -> str:
        """The event id: a player answers a question once."""
        return f"{self.run_id}/{self.question}/{self.player_id}/answer"


class AnswerScored(NamedTuple):
    """The score of an answer. `correct` is None if the question is not scored.

    `scored_in` is the question with which the answer was scored. It is later than `question` if the
    answer was committed late, or if its streak bonus changed because another one was; the latest
    message counts. `correction` is the number of the host's correction that changed the score after
    the run; the highest number counts.
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
        """The event id, which tells apart rare later scores of the same answer."""
        id_ = f"{self.run_id}/{self.question}/{self.player_id}/score"
        if self.correction is not None:
            return f"{id_}/correction/{self.correction}"
        return id_ if self.scored_in in (None, self.question) else f"{id_}/{self.scored_in}"


class RoomChanged(Record):
    """A change to a run's players or answers that does not create a new version of the run.

    `player_back`: the removed player `player_id` was readmitted. `player_left`: the seat of
    `player_id`, who had left the lobby, was given to somebody else. `player_moved`: only tokens of
    `token_epoch` are valid from now on. `answers`: which typed answers to `question` may be shown
    has changed. `scored`: the answers to `question` have been scored, and its reveal follows.
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
        """The event id, the same for every attempt to publish the change."""
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
    """Parse a message of `quizrun.run-events`; None for unknown (newer) types.

    Raises `ValueError` if the data do not match the type.
    """
    model = _LIVE.get(event.type)
    if model is None:
        return None
    try:
        message: Any = model.model_validate(event.data)
    except ValidationError as error:
        raise ValueError(f"{event.type}: {error.error_count()} errors") from error
    if message.run_id != event.subject:
        raise ValueError(f"{event.type}: the subject is a different run")
    assert isinstance(message, LiveMessage)
    return message
