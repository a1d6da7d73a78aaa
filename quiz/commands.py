"""What can be asked of a run: the host's commands, and what the run's own clockwork reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quiz.events import Decision
from quiz.record import Record


class Start(Record):
    """Leave the lobby."""

    type: Literal["start"] = "start"


class Pause(Record):
    """Stop the clock."""

    type: Literal["pause"] = "pause"


class Resume(Record):
    """Let the clock go on with the time that was left."""

    type: Literal["resume"] = "resume"


class Next(Record):
    """Leave the reveal now."""

    type: Literal["next"] = "next"


class Skip(Record):
    """Close the open question now; answers given so far count."""

    type: Literal["skip"] = "skip"


class End(Record):
    """End the run now; answers given so far count."""

    type: Literal["end"] = "end"


class Lock(Record):
    """Let nobody else join."""

    type: Literal["lock"] = "lock"


class Unlock(Record):
    """Let players join again."""

    type: Literal["unlock"] = "unlock"


class Kick(Record):
    """Remove a player from the run."""

    type: Literal["kick"] = "kick"
    player_id: str


HostCommand = Annotated[
    Start | Pause | Resume | Next | Skip | End | Lock | Unlock | Kick,
    Field(discriminator="type"),
]


class PlayersJoined(Record):
    """The run now has this many players (a total, so that repeats do no harm)."""

    players: int


class ExtraTimes(Record):
    """The largest factor of extra time among the players is this since the change with this number
    (`quiz.extra_time`), so that repeats, and news that come in the wrong order, do no harm.
    """

    longest: int
    change: int


class AllAnswered(Record):
    """Every connected player has answered this question."""

    question: int


class DeadlinePassed(Record):
    """The timer of the current phase fired. Ignored when the deadline has moved meanwhile."""


class Published(Record):
    """Everyone has been told of this decision."""

    decision: Decision


class StandingsPublished(Record):
    """Players have been sent the reveal."""

    question: int


class RunClosed(Record):
    """The final standings are stored and published."""


Progress = (
    PlayersJoined
    | ExtraTimes
    | AllAnswered
    | DeadlinePassed
    | Published
    | StandingsPublished
    | RunClosed
)
Command = HostCommand | Progress
