"""What can be asked of a run: the host's commands, and what the run's own clockwork reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quiz.content import Strict


class Start(Strict):
    """Leave the lobby."""

    type: Literal["start"] = "start"


class Pause(Strict):
    """Stop the clock."""

    type: Literal["pause"] = "pause"


class Resume(Strict):
    """Let the clock go on with the time that was left."""

    type: Literal["resume"] = "resume"


class Next(Strict):
    """Leave the reveal now."""

    type: Literal["next"] = "next"


class Skip(Strict):
    """Close the open question now; answers given so far count."""

    type: Literal["skip"] = "skip"


class End(Strict):
    """End the run now; answers given so far count."""

    type: Literal["end"] = "end"


class Lock(Strict):
    """Let nobody else join."""

    type: Literal["lock"] = "lock"


class Unlock(Strict):
    """Let players join again."""

    type: Literal["unlock"] = "unlock"


class Kick(Strict):
    """Remove a player from the run."""

    type: Literal["kick"] = "kick"
    player_id: str


HostCommand = Annotated[
    Start | Pause | Resume | Next | Skip | End | Lock | Unlock | Kick,
    Field(discriminator="type"),
]


class PlayersJoined(Strict):
    """The run now has this many players (a total, so that repeats do no harm)."""

    players: int


class AllAnswered(Strict):
    """Every connected player has answered this question."""

    question: int


class DeadlinePassed(Strict):
    """The timer of the current phase fired. Ignored when the deadline has moved meanwhile."""


class QuestionOpened(Strict):
    """The question was published with these times (epoch ms)."""

    question: int
    opens_at: int
    closes_at: int


class QuestionScored(Strict):
    """Every answer to the question that was acknowledged in time has its points."""

    question: int


class StandingsPublished(Strict):
    """Players have been sent the reveal."""

    question: int


class RunClosed(Strict):
    """The final standings are stored and published."""


Progress = (
    PlayersJoined
    | AllAnswered
    | DeadlinePassed
    | QuestionOpened
    | QuestionScored
    | StandingsPublished
    | RunClosed
)
Command = HostCommand | Progress
