"""The inputs of the state machine: host commands, and progress that the run itself reports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from quiz.events import Decision
from quiz.record import Record


class Start(Record):
    """Leave the lobby and start the countdown."""

    type: Literal["start"] = "start"


class Pause(Record):
    """Stop the clock."""

    type: Literal["pause"] = "pause"


class Resume(Record):
    """Restart the clock with the time that was left."""

    type: Literal["resume"] = "resume"


class Next(Record):
    """Move on now: end the reading time of a question, a reveal or a break."""

    type: Literal["next"] = "next"


class Skip(Record):
    """Close the open question now; answers given so far count."""

    type: Literal["skip"] = "skip"


class End(Record):
    """End the run now; answers given so far count."""

    type: Literal["end"] = "end"


class Lock(Record):
    """Stop new players from joining."""

    type: Literal["lock"] = "lock"


class Unlock(Record):
    """Allow players to join again."""

    type: Literal["unlock"] = "unlock"


class Kick(Record):
    """Remove a player from the run."""

    type: Literal["kick"] = "kick"
    player_id: str


class ShowStandings(Record):
    """Show the standings on the big screen and on players' devices."""

    type: Literal["show_standings"] = "show_standings"


class HideStandings(Record):
    """Return from the standings to the correct answer."""

    type: Literal["hide_standings"] = "hide_standings"


class Configure(Record):
    """Change the settings in `changes`; only in the lobby."""

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
    """The total number of players (never an increment, so duplicates are harmless)."""

    players: int


class ExtraTimes(Record):
    """The largest extra-time factor among the players, as of change number `change`.

    The number makes duplicates and reordering harmless. Factors: see `quiz.extra_time`.
    """

    longest: int
    change: int


class AllAnswered(Record):
    """Every connected player has answered this question."""

    question: int


class DeadlinePassed(Record):
    """The timer of the current phase fired. Ignored if the deadline has moved since."""


class Published(Record):
    """This decision has been published."""

    decision: Decision


class StandingsPublished(Record):
    """The reveal of this question has been published."""

    question: int


class RunClosed(Record):
    """The final standings have been stored and published."""


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
