"""What can be asked of a run: the host's commands, and what the run's own clockwork reports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

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
    """Go on now: open the answers to a question that is being read, leave a reveal or a break."""

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


class ShowStandings(Record):
    """Show the standings, on the big screen and on phones."""

    type: Literal["show_standings"] = "show_standings"


class HideStandings(Record):
    """Go back from the standings to the right answer."""

    type: Literal["hide_standings"] = "hide_standings"


class Configure(Record):
    """Change settings in the lobby: those that are named, to what is given."""

    type: Literal["configure"] = "configure"
    changes: dict[str, Any]


HostCommand = Annotated[
    Start
    | Pause
    | Resume
    | Next
    | Skip
    | End
    | Lock
    | Unlock
    | Kick
    | ShowStandings
    | HideStandings
    | Configure,
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
