"""Pieces that several messages share."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from gateway.live.protocol.messages.base import STRICT, Part, Sent
from quiz import snapshot
from quiz.answers import Answer
from quiz.content import Media, QuestionType
from quiz.extra_time import ExtraTime
from quiz.run import Phase


class QuestionSound(Part):
    """A question's sound, which plays only on demand. `text` is its transcript."""

    url: str
    text: str = ""
    duration_ms: int | None = None


class QuestionFields(Part):
    """A question as players see it.

    `option_media` has a picture or null for each of `options`. An option whose text equals the
    picture's `alt` is shown as the picture alone. `text` may be empty if there is a picture.
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
    """When the question is shown, before answers open; absent if it is shown at `opens_at`."""
    timed: bool | None = None
    """False: the question has no time limit, and `closes_at` is its latest end."""
    on_big_screen: bool | None = None
    """True: texts, pictures and sounds are on the big screen only; options have letters."""


class OpenQuestion(QuestionFields):
    """The question of a snapshot. While the run is paused, `closes_at` is when the question would
    close if the run resumed now, so `closes_at − server_ms` is the time left.
    """

    paused_ms: int
    reading: bool | None = None
    """True: the run was paused before answers opened."""


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


class You(Part):
    """The receiving player. `rank` is null before the first reveal."""

    player_id: str
    nickname: str
    score: int
    rank: int | None
    streak: int
    answered: bool
    answer: Answer | None = None
    extra_time: OwnExtraTime | None = None


class OwnResult(Part):
    """A player's result for a question. `correct` is null if no answer is right or wrong."""

    correct: bool | None
    points: int
    score: int
    rank: int | None
    streak: int


class OwnOutcome(Part):
    """A player's final score and rank."""

    score: int
    rank: int | None
    players: int


class RevealFields(snapshot.Reveal):
    """The solution of a question, and the results. Of `answered` answers, `correct` were entirely
    right; it is absent if no answer is right or wrong.
    """

    model_config = STRICT

    standings: bool | None = None
    """Whether the standings follow automatically."""
    lasts_ms: int | None = None
    """How long the reveal lasts, without pauses; absent if the host ends it."""


class ProgressFields(Part):
    """How many players have answered."""

    question: int
    answered: int
    players: int


class HostProgressFields(ProgressFields):
    """`counts` has a number for each option; `answers`, for questions without options, holds the
    ten most frequent as `{answer, count}`. The one that does not apply is null.
    """

    counts: list[int] | None
    answers: list[Any] | None
    connections: int


class OutcomeFields(snapshot.Outcome):
    """How a run ended. Clients show it at `podium_at`, or at once if that has passed."""

    model_config = STRICT

    podium_at: int | None = None


class BreakFields(Part):
    """The break after round `round` of `rounds`."""

    ends_at: int
    round: int
    rounds: int


class PlayerSettings(Part):
    """The settings that players see."""

    timer: bool
    leaderboard: bool
    phones: Literal["full", "buttons"]
    own_extra_time: int | None = None
    """The most extra time that players may choose; absent if they may not choose any."""


class PlayerName(Part):
    """A player as hosts see them."""

    player_id: str
    nickname: str


class SnapshotFields(Sent):
    """A whole run as of `version`. It replaces everything that the client knew.

    `language` is the quiz's BCP 47 tag, for speech, hyphenation and number formats.
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
    """Whether the host has shown (true) or hidden (false) the standings; absent: neither."""
    round_break: BreakFields | None = None
    outcome: OutcomeFields | None = None
