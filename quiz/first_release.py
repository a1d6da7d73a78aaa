"""The rules of runs that the first release opened, kept so that their workflows still replay.

The first release decided when a question opens in the step that published it. Runs opened since
carry a `RunPlan` and follow `quiz.machine`. Delete this file, `workflows/first_release.py` and
`activities/first_release.py` one release after no such run can be live (ADR 10).
"""

from __future__ import annotations

from typing import Any, Literal, assert_never

from quiz.commands import (
    AllAnswered,
    Configure,
    DeadlinePassed,
    End,
    HideStandings,
    HostCommand,
    Kick,
    Lock,
    Next,
    Pause,
    PlayersJoined,
    Resume,
    RunClosed,
    ShowStandings,
    Skip,
    StandingsPublished,
    Start,
    Unlock,
)
from quiz.errors import ErrorCode, QuizrunError
from quiz.events import EventType
from quiz.record import Record
from quiz.run import Phase, RunState, Step


class Event(Record):
    """A change to publish under the version that it created."""

    type: EventType
    version: int
    player_id: str | None = None


class QuestionOpened(Record):
    """The question was published with these times (epoch ms)."""

    type: Literal["question_opened"] = "question_opened"
    question: int
    opens_at: int
    closes_at: int


class QuestionScored(Record):
    """All answers to the question have been scored."""

    question: int


Command = (
    HostCommand
    | PlayersJoined
    | AllAnswered
    | DeadlinePassed
    | QuestionOpened
    | QuestionScored
    | StandingsPublished
    | RunClosed
)
Result = tuple[RunState, tuple[Event, ...]]


def apply(  # noqa: C901, PLR0912 - one line for each command
    state: RunState, command: Command, now: int
) -> Result:
    """Return the state after `command` at `now` (epoch ms), and events to publish besides steps.

    Illegal host commands raise `QuizrunError`; a command that changes nothing (locking a locked
    run) returns the same state and no event.
    """
    match command:
        case Start():
            return _start(state, now)
        case Pause():
            return _pause(state, now)
        case Resume():
            return _resume(state, now)
        case Next():
            return _next(state)
        case Skip():
            return _skip(state, now)
        case End():
            return _end(state)
        case Lock() | Unlock():
            return _lock(state, locked=isinstance(command, Lock))
        case Kick():
            _refuse_when_over(state)
            return _announce(state, "player.kicked", player_id=command.player_id)
        case ShowStandings() | HideStandings() | Configure():
            raise QuizrunError(ErrorCode.COMMAND_NOT_ALLOWED, "This run is too old for that.")
        case PlayersJoined():
            return _players_joined(state, command.players, now)
        case AllAnswered():
            return _all_answered(state, command.question, now)
        case DeadlinePassed():
            return _deadline_passed(state, now)
        case QuestionOpened():
            return _question_opened(state, command, now)
        case QuestionScored():
            return _question_scored(state, command.question)
        case StandingsPublished():
            return _standings_published(state, command.question, now)
        case RunClosed():
            return _run_closed(state)
        case _ as unreachable:
            assert_never(unreachable)


# Host commands


def _start(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.phase is not Phase.LOBBY:
        raise _not_allowed("The run has already started.")
    _refuse_when_paused(state)
    starts_at = now + state.settings.countdown_s * 1000
    return _announce(state, "run.starting", phase=Phase.STARTING, deadline_at=starts_at)


def _pause(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.paused:
        raise QuizrunError(ErrorCode.PAUSED, "The run is already paused.")
    left = None if state.deadline_at is None else max(0, state.deadline_at - now)
    return _announce(state, "run.paused", paused_at=now, remaining_ms=left, deadline_at=None)


def _resume(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.paused_at is None:
        raise _not_allowed("The run is not paused.")
    change: dict[str, Any] = {"paused_at": None, "remaining_ms": None}
    if state.remaining_ms is not None:
        change["deadline_at"] = now + state.remaining_ms
        if state.phase is Phase.QUESTION and state.due is None:
            change["closes_at"] = now + state.remaining_ms
            change["paused_ms"] = state.paused_ms + now - state.paused_at
    return _announce(state, "run.resumed", **change)


def _next(state: RunState) -> Result:
    _refuse_when_over(state)
    if state.phase is not Phase.REVEAL or state.due is not None:
        raise _not_allowed("The next question can be opened only after a reveal.")
    _refuse_when_paused(state)
    return _leave_reveal(state)


def _skip(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.phase is not Phase.QUESTION:
        raise _not_allowed("There is no open question to skip.")
    if state.due is not None:
        raise QuizrunError(ErrorCode.QUESTION_CLOSED, "The question has already closed.")
    _refuse_when_paused(state)
    return _close_question(state, now)


def _end(state: RunState) -> Result:
    _refuse_when_over(state)
    return _owe(state, "close", deadline_at=None, paused_at=None, remaining_ms=None)


def _lock(state: RunState, *, locked: bool) -> Result:
    _refuse_when_over(state)
    if state.locked is locked:
        return state, ()
    return _announce(state, "run.locked" if locked else "run.unlocked", locked=locked)


# Progress


def _players_joined(state: RunState, players: int, now: int) -> Result:
    if state.phase.over or players <= state.players:
        return state, ()
    state = _with(state, players=players)
    wanted = state.settings.auto_start_players
    if state.phase is Phase.LOBBY and not state.paused and wanted and players >= wanted:
        return _start(state, now)
    return state, ()


def _all_answered(state: RunState, question: int, now: int) -> Result:
    open_now = state.phase is Phase.QUESTION and state.due is None and not state.paused
    if not open_now or state.question != question:
        return state, ()
    return _close_question(state, now)


def _deadline_passed(state: RunState, now: int) -> Result:
    if state.deadline_at is None or now < state.deadline_at:
        return state, ()
    if state.phase is Phase.QUESTION:
        return _close_question(state, now)
    if state.phase is Phase.STARTING:
        return _owe(state, "open", deadline_at=None)
    return _leave_reveal(state)


def _question_opened(state: RunState, opened: QuestionOpened, now: int) -> Result:
    if state.due != "open" or opened.question != state.question + 1:
        return state, ()
    change: dict[str, Any] = {
        "due": None,
        "phase": Phase.QUESTION,
        "question": opened.question,
        "opens_at": opened.opens_at,
        "closes_at": opened.closes_at,
        "paused_ms": 0,
    }
    if state.paused:
        # The host paused while the question was being published: all of its time is left.
        change |= {"paused_at": now, "remaining_ms": max(0, opened.closes_at - now)}
    else:
        change["deadline_at"] = opened.closes_at
    return _with(state, **change), ()


def _question_scored(state: RunState, question: int) -> Result:
    if state.due != "score" or question != state.question:
        return state, ()
    return _owe(state, "reveal", phase=Phase.REVEAL)


def _standings_published(state: RunState, question: int, now: int) -> Result:
    # The reveal's clock starts now, so players get all of it however long publishing took.
    if state.due != "reveal" or question != state.question:
        return state, ()
    reveal_ms = state.settings.reveal_s * 1000 if state.settings.auto_advance else None
    if state.paused:
        return _with(state, due=None, remaining_ms=reveal_ms), ()
    return _with(state, due=None, deadline_at=reveal_ms and now + reveal_ms), ()


def _run_closed(state: RunState) -> Result:
    if state.due != "close":
        return state, ()
    return _with(state, due=None, phase=state.final_phase), ()


# Shared transitions


def _close_question(state: RunState, now: int) -> Result:
    assert state.closes_at is not None
    # Closing early moves `closes_at` forward, which is what gateways check answers against.
    return _owe(state, "score", deadline_at=None, closes_at=min(state.closes_at, now))


def _leave_reveal(state: RunState) -> Result:
    return _owe(state, "close" if state.last_question else "open", deadline_at=None)


def _owe(state: RunState, step: Step, **change: Any) -> Result:
    return _with(state, due=step, version=state.version + 1, **change), ()


def _announce(
    state: RunState, event: EventType, player_id: str | None = None, **change: Any
) -> Result:
    state = _with(state, version=state.version + 1, **change)
    return state, (Event(type=event, version=state.version, player_id=player_id),)


def _with(state: RunState, **change: Any) -> RunState:
    return state.model_copy(update=change)


def _refuse_when_over(state: RunState) -> None:
    if state.phase.over or state.due == "close":
        raise QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")


def _refuse_when_paused(state: RunState) -> None:
    if state.paused:
        raise QuizrunError(ErrorCode.PAUSED, "The run is paused; resume it first.")


def _not_allowed(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.COMMAND_NOT_ALLOWED, message)
