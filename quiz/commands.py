"""The inputs of the state machine: host commands, and progress that the run itself reports."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from quiz.events import Decision
from quiz.record import Record


class Start(Record):
    """Leave the lobby and start the countdown to the first question."""

    type: Literal["start"] = "start"


class Pause(Record):
    """Pause the run. Paused time counts for no player."""

    type: Literal["pause"] = "pause"


class Resume(Record):
    """Resume the run with the remaining time."""

    type: Literal["resume"] = "resume"


class Next(Record):
    """Continue now: open the answers early, or leave a reveal or a break."""

    type: Literal["next"] = "next"


class Skip(Record):
    """End the question now. Answers given so far count."""

    type: Literal["skip"] = "skip"


class End(Record):
    """End the run now. Answers given so far count."""

    type: Literal["end"] = "end"


class Lock(Record):
    """Close joining."""

    type: Literal["lock"] = "lock"


class Unlock(Record):
    """Reopen joining."""

    type: Literal["unlock"] = "unlock"


class Kick(Record):
    """Remove a player from the run."""

    type: Literal["kick"] = "kick"
    player_id: str


class ShowStandings(Record):
    """Show the standings, on the big screen and on players' devices."""

    type: Literal["show_standings"] = "show_standings"


class HideStandings(Record):
    """Return from the standings to the solution."""

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
HOST_COMMANDS: dict[str, type[Record]] = {
    command.model_fields["type"].default: command for command in get_args(get_args(HostCommand)[0])
}
"""All host commands by name: the updates of a run's workflow, and its HTTP routes."""


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
    """This decision has been published.

    `opens_at` is when its question opens as published, if known: an earlier attempt, of a workflow
    task that was lost, may have decided another time.
    """

    decision: Decision
    opens_at: int | None = None


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
