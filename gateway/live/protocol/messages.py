"""Every message of the socket protocol, defined once: for encoding, validation and generated docs.

Optional fields (`?` in the protocol) are left out of a message unless they are set; a field whose
type admits None is always there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, WithJsonSchema

from quiz import snapshot
from quiz.answers import Answer
from quiz.content import Media, QuestionType
from quiz.extra_time import ExtraTime, Percent
from quiz.run import Phase, RunSettings
from quiz.snapshot import LeaderboardLine

PLAY = "/play"
HOST = "/host"

STRICT = ConfigDict(extra="forbid", frozen=True)


class Delivery(StrEnum):
    """What may happen to a message on its way to a slow client."""

    COALESCED = "coalesced"
    """A newer one makes it superfluous."""
    DROPPABLE = "droppable"
    """It may be left out."""
    MUST_ARRIVE = "must arrive"
    """The client is cut off rather than left without it; it comes back to a snapshot."""


class Sent(BaseModel):
    """Server → client: the first argument of the event `event`."""

    model_config = STRICT

    event: ClassVar[str]
    namespaces: ClassVar[tuple[str, ...]] = (PLAY, HOST)
    delivery: ClassVar[Delivery] = Delivery.MUST_ARRIVE
    own_part: ClassVar[type[BaseModel] | None] = None
    """The second argument, where there is one: what concerns the receiving player alone."""


class Part(BaseModel):
    """A piece of a message or acknowledgement."""

    model_config = STRICT


class Request(BaseModel):
    """Client → server: the one argument of the event `event`. Unknown fields are ignored, so that
    clients may be newer than the gateway that they happen to reach.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    event: ClassVar[str]
    namespaces: ClassVar[tuple[str, ...]]
    ack: ClassVar[type[BaseModel]]


# Client → server, and what is acknowledged


class JoinAck(Part):
    """`token` is for `auth` when coming back."""

    player_id: str
    token: str
    snapshot: Snapshot


class Join(Request):
    """Become a player of the run with this PIN.

    `key`, chosen at random by the client, makes a repeat after a lost acknowledgement find the
    same player. `device`, another random text that a client keeps, recognises a removed player who
    comes under a new name. In runs that generate names any `nickname` is replaced by one, unless it
    is one of those.
    """

    event: ClassVar[str] = "join"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    ack: ClassVar[type[BaseModel]] = JoinAck

    pin: Annotated[str, Field(max_length=200, strict=True)]
    nickname: Any
    key: Annotated[str, Field(min_length=1, max_length=64, strict=True)] | None = None
    device: Annotated[str, Field(min_length=8, max_length=64, strict=True)] | None = None


class AnswerAck(Part):
    """The answer is stored for good."""

    status: Literal["recorded"] = "recorded"
    elapsed_ms: int


class GiveAnswer(Request):
    """Answer the question with this 0-based index. Safe to send again.

    `traceparent` is W3C's, for clients that trace; one that does not fit is ignored.
    """

    event: ClassVar[str] = "answer"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    ack: ClassVar[type[BaseModel]] = AnswerAck

    question: Annotated[StrictInt, Field(ge=0, le=1_000_000)]
    answer: Any
    # Not checked here: an answer counts whatever its trace.
    traceparent: Annotated[Any, WithJsonSchema({"type": ["string", "null"]})] = None


class OwnExtraTime(Part):
    """A player's extra time: `percent` of the time limit (0: no limit) for questions from the
    0-based `from_question` on, `before` for earlier ones.
    """

    percent: int
    before: int
    from_question: int

    @classmethod
    def of(cls, extra: ExtraTime) -> Self:
        """Return the extra time as its player sees it."""
        return cls(percent=extra.percent, before=extra.before, from_question=extra.from_question)


class ExtraTimeAck(OwnExtraTime):
    """The choice is stored."""


class ChooseExtraTime(Request):
    """Choose one's own extra time, where the host allows for it (`own_extra_time`)."""

    event: ClassVar[str] = "extra_time"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    ack: ClassVar[type[BaseModel]] = ExtraTimeAck

    percent: Percent


class SyncAck(Part):
    """`t0` as it was sent, and the server's clock."""

    t0: int | float
    server_ms: int


class Sync(Request):
    """Compare clocks. `t0` is any finite number of the client's."""

    event: ClassVar[str] = "sync"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY, HOST)
    ack: ClassVar[type[BaseModel]] = SyncAck

    t0: Annotated[float, Field(strict=True, allow_inf_nan=False)]


# Server → client


class QuestionSound(Part):
    """A sound of a question: nothing plays it but a person, and `text` is what is heard."""

    url: str
    text: str = ""
    duration_ms: int | None = None


class QuestionFields(Part):
    """A question as players see it.

    `option_media` has a picture, or null, for each of `options`; an option whose text is the
    picture's `alt` is the picture alone. `text` may be empty where there is a picture.
    """

    question: int
    question_count: int
    type: QuestionType
    text: str
    options: list[str] | None = None
    option_media: list[Media | None] | None = None
    media: Media | None = None
    audio: QuestionSound | None = None
    points: int
    time_limit_ms: int
    opens_at: int
    closes_at: int
    shows_at: int | None = None
    """From when on it is read, before its answers open; left out where it is shown as it opens."""
    timed: bool | None = None
    """False: there is no time to keep to; `closes_at` is the latest end."""
    on_big_screen: bool | None = None
    """True: texts, pictures and sounds are on the big screen alone; options have letters."""


class OpenQuestion(QuestionFields):
    """The question of a snapshot. While the run is paused `closes_at` is what it would be if it
    went on this moment, so that `closes_at − server_ms` is the time that is left.
    """

    paused_ms: int
    reading: bool | None = None
    """True: the clock stands, and the answers are not open yet."""


class You(Part):
    """The player who receives it. `rank` is None before the first reveal."""

    player_id: str
    nickname: str
    score: int
    rank: int | None
    streak: int
    answered: bool
    answer: Answer | None = None
    extra_time: OwnExtraTime | None = None


class OwnResult(Part):
    """What a question brought a player. `correct` is None where there is no right answer."""

    correct: bool | None
    points: int
    score: int
    rank: int | None
    streak: int


class OwnOutcome(Part):
    """How a player came out of the run."""

    score: int
    rank: int | None
    players: int


class RevealFields(snapshot.Reveal):
    """The solution of a question and how everyone did: `correct` of the `answered` answers were
    wholly right; it is left out where no answer is right or wrong.
    """

    model_config = STRICT

    standings: bool | None = None
    """Whether standings follow without being asked for."""
    lasts_ms: int | None = None
    """How long it lasts, pauses aside; left out where the host ends it."""


class ProgressFields(Part):
    """How many have answered."""

    question: int
    answered: int
    players: int


class HostProgressFields(ProgressFields):
    """`counts` has a number for each option; `answers`, for questions without options to pick, the
    ten most frequent as `{answer, count}`. The one that does not apply is None.
    """

    counts: list[int] | None
    answers: list[Any] | None
    connections: int


class OutcomeFields(snapshot.Outcome):
    """How a run ended. Everyone shows it at `podium_at`, those who come later at once."""

    model_config = STRICT

    podium_at: int | None = None


class BreakFields(Part):
    """The break after round `round` of `rounds`."""

    ends_at: int
    round: int
    rounds: int


class PlayerSettings(Part):
    """What players are told of the settings of their run."""

    timer: bool
    leaderboard: bool
    phones: Literal["full", "buttons"]
    own_extra_time: int | None = None
    """The most extra time that players may choose; left out where they may not."""


class PlayerName(Part):
    """A player as hosts see them."""

    player_id: str
    nickname: str


class SnapshotFields(Sent):
    """A whole run as of `version`: replaces all that the client knew.

    `language` is the quiz's, as a BCP 47 tag: its texts are read and hyphenated, and its numbers
    written, by it.
    """

    event: ClassVar[str] = "snapshot"

    run_id: str
    pin: str
    title: str
    language: str | None = None
    phase: Phase
    paused: bool
    locked: bool
    version: int
    server_ms: int
    players: int
    question_count: int
    starts_at: int | None = None
    remaining_ms: int | None = None
    overtime_ms: int | None = None
    question: OpenQuestion | None = None
    reveal: RevealFields | None = None
    standings_shown: bool | None = None
    """Whether the host has asked for the standings, or sent them away; left out: neither."""
    round_break: BreakFields | None = None
    outcome: OutcomeFields | None = None


class Snapshot(SnapshotFields):
    """To a player: in answer to a join, after coming back, and when events were missed."""

    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)

    you: You
    your_result: OwnResult | None = None
    settings: PlayerSettings | None = None


class HostSnapshot(SnapshotFields):
    """To a host. `player_list` holds the first 200 players; `progress` is there while a question is
    open, `ends_at` when the run is about to be ended because its host has left it alone.
    """

    namespaces: ClassVar[tuple[str, ...]] = (HOST,)

    connections: int
    player_list: list[PlayerName]
    progress: HostProgressFields | None = None
    ends_at: int | None = None
    settings: RunSettings | None = None


class Lobby(Sent):
    """Who has joined since the last one, at most 4 a second. `players` is all of the run; `left`
    are the names of those whom the host has removed, in every phase. In later phases than the
    lobby nobody is told who joined.
    """

    event: ClassVar[str] = "lobby"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    delivery: ClassVar[Delivery] = Delivery.DROPPABLE

    players: int
    joined: list[str]
    left: list[str] | None = None


class Departures(Lobby):
    """A `lobby` with names to take off the walls, which even a slow client must hear."""

    delivery: ClassVar[Delivery] = Delivery.MUST_ARRIVE


class HostLobby(Sent):
    """The same with ids, in every phase, and the ids of those who were kicked."""

    event: ClassVar[str] = "lobby"
    namespaces: ClassVar[tuple[str, ...]] = (HOST,)

    players: int
    joined: list[PlayerName]
    left: list[str]
    connections: int


class Starting(Sent):
    """The countdown runs."""

    event: ClassVar[str] = "starting"
    starts_at: int


class Question(QuestionFields, Sent):
    """A question, sent ahead of `opens_at`: to be shown then. It comes again, with new times, when
    its publication was in doubt.
    """

    event: ClassVar[str] = "question"


class Progress(ProgressFields, Sent):
    """How many have answered, at most 4 a second."""

    event: ClassVar[str] = "progress"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    delivery: ClassVar[Delivery] = Delivery.COALESCED


class HostProgress(HostProgressFields, Sent):
    """The same with what was answered, and how many players are connected."""

    event: ClassVar[str] = "progress"
    namespaces: ClassVar[tuple[str, ...]] = (HOST,)
    delivery: ClassVar[Delivery] = Delivery.COALESCED


class Paused(Sent):
    """The clock stands; `remaining_ms` is None in phases without one, and in a question that of
    players without extra time. Is that over and others still have time, it is 0, and has been for
    `overtime_ms`.
    """

    event: ClassVar[str] = "paused"
    phase: Phase
    remaining_ms: int | None
    overtime_ms: int | None = None
    reading: bool | None = None
    """True: the answers were not open yet."""


class Resumed(Sent):
    """The clock goes on. `closes_at` is None outside a question."""

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
    """What is shown of the typed answers to a revealed question has changed: the host has looked at
    more of them, or hidden some. Replaces the `distribution` of the reveal.
    """

    event: ClassVar[str] = "answers"

    question: int
    distribution: list[Any]


class Standings(Sent):
    """The host shows the standings after a question, or goes back to the right answer. Players get
    no lines with the latter.
    """

    event: ClassVar[str] = "standings"
    question: int
    shown: bool
    leaderboard: list[LeaderboardLine]


class RoundBreak(BreakFields, Sent):
    """A break between two rounds. It ends with the next question."""

    event: ClassVar[str] = "round_break"


class Settings(Sent):
    """The host has changed the settings, in the lobby. Hosts get a snapshot."""

    event: ClassVar[str] = "settings"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    settings: PlayerSettings


class Finished(OutcomeFields, Sent):
    """The run is over. Players get their own part as a second argument."""

    event: ClassVar[str] = "finished"
    own_part: ClassVar[type[BaseModel] | None] = OwnOutcome


class ExtraTimeChanged(OwnExtraTime, Sent):
    """To one player: their extra time was changed. Nobody else is told."""

    event: ClassVar[str] = "extra_time"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)


class Kicked(Sent):
    """The host has removed this player; the socket is disconnected."""

    event: ClassVar[str] = "kicked"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    reason: str


class Closed(Sent):
    """``cancelled``: the run ended before its first question. ``replaced``: the same player has
    connected anew. ``moved``: the player goes on at another device, and this one's token is
    worthless. After the last two the socket is disconnected.
    """

    event: ClassVar[str] = "closed"
    reason: Literal["cancelled", "replaced", "moved"]


class ComeBack(Sent):
    """This gateway stops and is about to close the connection: connect again in `in_ms`. Everybody
    is given another time, so that not all come to the other gateways at the same moment.
    """

    event: ClassVar[str] = "come_back"
    in_ms: int


JoinAck.model_rebuild()

REQUESTS: tuple[type[Request], ...] = (Join, GiveAnswer, ChooseExtraTime, Sync)
SENT: tuple[type[Sent], ...] = (
    Snapshot,
    HostSnapshot,
    Lobby,
    HostLobby,
    Starting,
    Question,
    Progress,
    HostProgress,
    Paused,
    Resumed,
    Reveal,
    Answers,
    Standings,
    RoundBreak,
    Settings,
    Finished,
    ExtraTimeChanged,
    Kicked,
    Closed,
    ComeBack,
)
