"""The state machine of a run: `apply(state, command, now, plan) -> (state, decisions)`.

The workflow calls it to advance a run, update validators call it to check commands, and tests drive
it with random ones. An illegal host command raises `QuizrunError`; outdated progress is ignored.
"""

from __future__ import annotations

from typing import Any, assert_never

from pydantic import ValidationError

from quiz import expiry, pace
from quiz.commands import (
    AllAnswered,
    Command,
    Configure,
    DeadlinePassed,
    End,
    ExtraTimes,
    HideStandings,
    Kick,
    Lock,
    Next,
    Pause,
    PlayersJoined,
    Published,
    Resume,
    RunClosed,
    ShowStandings,
    Skip,
    StandingsPublished,
    Start,
    Unlock,
)
from quiz.errors import ErrorCode, QuizrunError
from quiz.events import Decision, EventType
from quiz.extra_time import NORMAL, window_ms
from quiz.run import Phase, RunPlan, RunSettings, RunState
from quiz.timing import (
    FINALE_MS,
    RESUME_TOLERANCE_MS,
    lead_ms,
    longer_lead_ms,
    next_lead_ms,
    roomy_lead_ms,
)

Result = tuple[RunState, tuple[Decision, ...]]


def apply(state: RunState, command: Command, now: int, plan: RunPlan) -> Result:
    """Return the state after `command` at `now` (epoch ms), and the decisions to publish.

    Each decision increments the version. Illegal host commands raise `QuizrunError`; a command
    that changes nothing (locking a locked run) returns the same state and no decisions.
    """
    after, decisions = _dispatch(state, command, now, plan)
    return expiry.renewed(state, after, decisions, now, plan)


def wakes_at(state: RunState, plan: RunPlan) -> int | None:
    """Return when the run next needs the clock (epoch ms); None if it waits for host or step."""
    return expiry.next_at(state, plan) if state.deadline_at is None else state.deadline_at


def after_deadline(state: RunState, now: int, plan: RunPlan) -> Result:
    """Return the result of `DeadlinePassed`; the same state if no deadline has passed."""
    wake_at = wakes_at(state, plan)
    if wake_at is None or now < wake_at:
        return state, ()
    return apply(state, DeadlinePassed(), now, plan)


def after_reveal(state: RunState) -> RunState:
    """Return the state once a pending reveal has been published."""
    return _with(state, due=None) if state.due == "score" else state


def _dispatch(  # noqa: C901, PLR0912 - one line for each command
    state: RunState, command: Command, now: int, plan: RunPlan
) -> Result:
    match command:
        case Start():
            return _start(state, now)
        case Pause():
            return _pause(state, now)
        case Resume():
            return _resume(state, now)
        case Next():
            return _next(state, now, plan)
        case Skip():
            return _skip(state, now)
        case End():
            return _end(state, now)
        case Lock() | Unlock():
            return _lock(state, now, locked=isinstance(command, Lock))
        case Kick():
            return _kick(state, now, command.player_id)
        case ShowStandings() | HideStandings():
            return _standings(state, now, shown=isinstance(command, ShowStandings))
        case Configure():
            return _configure(state, command.changes, now)
        case PlayersJoined():
            return _players_joined(state, command.players, now)
        case ExtraTimes():
            return _extra_times(state, command)
        case AllAnswered():
            return _all_answered(state, command.question, now)
        case DeadlinePassed():
            return _deadline_passed(state, now, plan)
        case Published():
            return _published(state, command, now, plan)
        case StandingsPublished():
            return _standings_published(state, command.question, now, plan)
        case RunClosed():
            return _run_closed(state)
        case _ as unreachable:
            assert_never(unreachable)


# Host commands


def _start(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.phase is not Phase.LOBBY:
        raise _not_allowed("The run has already started.")
    resumed: tuple[Decision, ...] = ()
    if state.paused:  # starting a paused lobby resumes it
        state, resumed = _decide(state, "run.resumed", now, paused_at=None, remaining_ms=None)
    starts_at = now + state.settings.countdown_s * 1000
    state, started = _decide(
        state, "run.starting", now, phase=Phase.STARTING, deadline_at=starts_at
    )
    return state, resumed + started


def _pause(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.paused:
        raise QuizrunError(ErrorCode.PAUSED, "The run is already paused.")
    left = None if state.deadline_at is None else max(0, state.deadline_at - now)
    return _decide(state, "run.paused", now, paused_at=now, remaining_ms=left, deadline_at=None)


def _resume(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.paused_at is None:
        raise _not_allowed("The run is not paused.")
    change: dict[str, Any] = {"paused_at": None, "remaining_ms": None}
    if state.remaining_ms is not None:
        change["deadline_at"] = now + state.remaining_ms
        if state.phase is Phase.QUESTION and state.due is None:
            change |= _closings(state, now + state.remaining_ms)
            change["paused_ms"] = state.paused_ms + now - state.paused_at
        if state.break_ends_at is not None:
            change["break_ends_at"] = now + state.remaining_ms
    state, resumed = _decide(state, "run.resumed", now, **change)
    if not _is_full(state):
        return state, resumed
    state, started = _start(state, now)
    return state, resumed + started


def _next(state: RunState, now: int, plan: RunPlan) -> Result:
    _refuse_when_over(state)
    reading = state.reading_until is not None and now < state.reading_until and _is_open(state)
    if not reading and (state.phase is not Phase.REVEAL or state.due is not None):
        raise _not_allowed("The next question can be opened only after a reveal.")
    _refuse_when_paused(state)
    return _open_answers(state, now, plan) if reading else _leave_reveal(state, now, plan)


def _skip(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    if state.due is None and state.phase is not Phase.QUESTION:
        raise _not_allowed("There is no open question to skip.")
    if state.due is not None:
        raise QuizrunError(ErrorCode.QUESTION_CLOSED, "The question has already closed.")
    _refuse_when_paused(state)
    return _close_question(state, now)


def _end(state: RunState, now: int) -> Result:
    _refuse_when_over(state)
    kind: EventType = "run.finished" if state.final_phase is Phase.FINISHED else "run.cancelled"
    clock: dict[str, Any] = {
        "deadline_at": None,
        "paused_at": None,
        "remaining_ms": None,
        "break_ends_at": None,
    }
    if state.final_phase is Phase.FINISHED and state.settings.leaderboard != "off":
        clock["podium_at"] = now + lead_ms(state.players) + FINALE_MS
    return _decide(state, kind, now, due="close", standings=True, **clock)


def _lock(state: RunState, now: int, *, locked: bool) -> Result:
    _refuse_when_over(state)
    if state.locked is locked:
        return state, ()
    return _decide(state, "run.locked" if locked else "run.unlocked", now, locked=locked)


def _kick(state: RunState, now: int, player_id: str) -> Result:
    _refuse_when_over(state)
    return _decide(state, "player.kicked", now, player_id=player_id, standings=True)


def _standings(state: RunState, now: int, *, shown: bool) -> Result:
    _refuse_when_over(state)
    if state.phase is not Phase.REVEAL or state.due is not None:
        raise _not_allowed("Standings can be shown only after a reveal.")
    if state.settings.leaderboard == "off":
        raise _not_allowed("The leaderboard is turned off for this run.")
    if state.standings_shown is shown:
        return state, ()
    kind: EventType = "standings.shown" if shown else "standings.hidden"
    return _decide(state, kind, now, standings_shown=shown)


def _configure(state: RunState, changes: dict[str, Any], now: int) -> Result:
    _refuse_when_over(state)
    if state.phase is not Phase.LOBBY:
        raise _not_allowed("Settings can be changed only in the lobby.")
    try:
        settings = RunSettings.model_validate(state.settings.model_dump() | changes)
    except ValidationError as error:
        raise QuizrunError(
            ErrorCode.PAYLOAD_INVALID, "These settings cannot be combined."
        ) from error
    if settings.rehearsal != state.settings.rehearsal:
        raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "The `rehearsal` setting cannot be changed.")
    if settings == state.settings:
        return state, ()
    state, configured = _decide(state, "run.configured", now, settings=settings)
    if not _is_full(state):
        return state, configured
    state, started = _start(state, now)
    return state, configured + started


# Progress


def _players_joined(state: RunState, players: int, now: int) -> Result:
    if _is_over(state) or players <= state.players:
        return state, ()
    state = _with(state, players=players)
    return _start(state, now) if _is_full(state) else (state, ())


def _is_full(state: RunState) -> bool:
    """Whether a lobby has the number of players at which it starts automatically."""
    threshold = state.settings.auto_start_players
    waiting = state.phase is Phase.LOBBY and not state.paused and not _is_over(state)
    return waiting and threshold is not None and state.players >= threshold


def _extra_times(state: RunState, report: ExtraTimes) -> Result:
    # Applies from the next question on; an open one keeps its closing time.
    if _is_over(state) or report.change <= state.extra_time_changes:
        return state, ()
    return _with(state, longest_window=report.longest, extra_time_changes=report.change), ()


def _all_answered(state: RunState, question: int, now: int) -> Result:
    if not _is_open(state) or state.paused or state.question != question:
        return state, ()
    return _close_question(state, now)


def _deadline_passed(state: RunState, now: int, plan: RunPlan) -> Result:
    if state.deadline_at is None:
        return _expire(state, now, plan)
    if now < state.deadline_at:
        return state, ()
    if state.phase is Phase.QUESTION:
        return _close_question(state, now)
    if state.phase is Phase.STARTING:
        return _open_question(state, now, plan)
    if state.break_ends_at is not None and not state.settings.auto_advance:
        return _with(state, deadline_at=None), ()  # the break is over; wait for the host
    return _leave_reveal(state, now, plan)


def _expire(state: RunState, now: int, plan: RunPlan) -> Result:
    """Warn the host of an abandoned run, then end it."""
    due_at = expiry.next_at(state, plan)
    if due_at is None or now < due_at or _is_over(state):
        return state, ()
    return _end(state, now) if state.expiring else _decide(state, "run.expiring", now)


def _published(state: RunState, published: Published, now: int, plan: RunPlan) -> Result:
    """Compensate players for time lost to slow publishing, and correct other times."""
    decision = published.decision
    sent, took = decision.state, now - decision.decided_at
    if not _is_open(state) or (state.question, state.opens_at) != (sent.question, sent.opens_at):
        return state, ()
    if decision.type == "question.opened" and not sent.paused:
        assert sent.opens_at is not None
        shown_at = sent.shows_at
        if shown_at is not None and shown_at > decision.decided_at:
            lead, shown_at = shown_at - decision.decided_at, None
        else:
            lead = sent.opens_at - decision.decided_at
        roomy = roomy_lead_ms(took) if plan.roomy_leads else 0
        if took > lead:
            longer = max(roomy, longer_lead_ms(lead))
            return _open(state, state.question, now, plan, longer, shown_at=shown_at)
        if published.opens_at not in (None, sent.opens_at):
            return _open(state, state.question, now, plan, state.lead_ms, shown_at=shown_at)
        if roomy > lead:
            return _with(state, lead_ms=roomy), ()
        return _with(state, lead_ms=min(state.lead_ms, next_lead_ms(lead, took))), ()
    if decision.type == "run.resumed" and state.closes_at == sent.closes_at and not state.paused:
        return _extend(state, now, took) if took > RESUME_TOLERANCE_MS else (state, ())
    return state, ()


def _extend(state: RunState, now: int, lost_ms: int) -> Result:
    assert state.over_at is not None
    over_at, paused_ms = state.over_at + lost_ms, state.paused_ms + lost_ms
    return _decide(
        state,
        "run.resumed",
        now,
        deadline_at=over_at,
        paused_ms=paused_ms,
        **_closings(state, over_at),
    )


def _standings_published(state: RunState, question: int, now: int, plan: RunPlan) -> Result:
    if state.due != "score" or question != state.question:
        return state, ()
    # The reveal's clock starts now, so players get all of it however long publishing took.
    lasts_ms = pace.reveal_ms(state.settings, plan.pace(question))
    if state.paused:
        return _with(state, due=None, remaining_ms=lasts_ms), ()
    return _with(state, due=None, deadline_at=None if lasts_ms is None else now + lasts_ms), ()


def _run_closed(state: RunState) -> Result:
    if state.due != "close":
        return state, ()
    return _with(state, due=None, phase=state.final_phase), ()


# Shared transitions


def _leave_reveal(state: RunState, now: int, plan: RunPlan) -> Result:
    if state.last_question:
        return _end(state, now)
    if state.break_ends_at is None and pace.break_follows(state):
        return _begin_break(state, now)
    return _open_question(state, now, plan)


def _begin_break(state: RunState, now: int) -> Result:
    ends_at = now + state.settings.break_s * 1000
    return _decide(
        state,
        "break.started",
        now,
        deadline_at=ends_at,
        break_ends_at=ends_at,
        standings_shown=None,
    )


def _open_question(state: RunState, now: int, plan: RunPlan) -> Result:
    return _open(state, state.question + 1, now, plan, state.lead_ms)


def _open_answers(state: RunState, now: int, plan: RunPlan) -> Result:
    """Cut the reading time short; players who already see the question keep seeing it."""
    assert state.shows_at is not None
    shown_at = min(state.shows_at + state.paused_ms, now)
    return _open(state, state.question, now, plan, state.lead_ms, shown_at=shown_at)


def _open(
    state: RunState,
    question: int,
    now: int,
    plan: RunPlan,
    min_lead_ms: int,
    *,
    shown_at: int | None = None,
) -> Result:
    """Enter `question`: decide when it is shown, opens and closes.

    `shown_at` is when players began to read it, if they already have.
    """
    lead = lead_ms(state.players, min_lead_ms)
    # If the run is paused, the clock stops before the lead: the host's `resume` gives all of it.
    begins_at = now if state.paused_at is None else state.paused_at
    shows_at = begins_at + lead
    read_ms = pace.reading_ms(state.settings, plan.pace(question)) if shown_at is None else 0
    opens_at = shows_at + read_ms
    limit_ms = pace.window_ms(state.settings, plan.pace(question), plan.time_limits_ms[question])
    own_windows = state.settings.timer and question not in plan.slides
    factor = state.longest_window if own_windows else NORMAL
    closes_at, over_at = opens_at + limit_ms, opens_at + window_ms(limit_ms, factor)
    clock: dict[str, Any] = {
        "deadline_at": None if state.paused else over_at,
        "remaining_ms": over_at - begins_at if state.paused else None,
        "last_closes_at": over_at if over_at > closes_at else None,
    }
    return _decide(
        state,
        "question.opened",
        now,
        phase=Phase.QUESTION,
        question=question,
        shows_at=shows_at if read_ms else shown_at,
        opens_at=opens_at,
        closes_at=closes_at,
        paused_ms=0,
        lead_ms=min_lead_ms,
        standings_shown=None,
        break_ends_at=None,
        **clock,
    )


def _close_question(state: RunState, now: int) -> Result:
    """Close the question to answers and enter its reveal.

    Both versions are decided at once, so no command can come between them.
    """
    assert state.closes_at is not None
    # Closing early moves `closes_at` forward, which is what gateways check answers against.
    change: dict[str, Any] = {"deadline_at": None, "closes_at": min(state.closes_at, now)}
    if state.last_closes_at is not None:
        change["last_closes_at"] = min(state.last_closes_at, now)
    state, closing = _decide(state, "question.closing", now, due="score", **change)
    state, closed = _decide(state, "question.closed", now, phase=Phase.REVEAL, standings=True)
    return state, closing + closed


def _closings(state: RunState, over_at: int) -> dict[str, Any]:
    """The closing times of a question that now closes for the last player at `over_at`."""
    last = None if state.last_closes_at is None else over_at
    return {"closes_at": over_at - state.extension_ms, "last_closes_at": last}


def _decide(
    state: RunState,
    kind: EventType,
    now: int,
    *,
    player_id: str | None = None,
    standings: bool = False,
    **change: Any,
) -> Result:
    """Change the state under a new version. `standings`: publishing it changes the standings."""
    version = state.version + 1
    if standings:
        change["standings_version"] = version
    state = _with(state, version=version, **change)
    return state, (Decision(type=kind, state=state, decided_at=now, player_id=player_id),)


def _with(state: RunState, **change: Any) -> RunState:
    return state.model_copy(update=change)


def _is_open(state: RunState) -> bool:
    return state.phase is Phase.QUESTION and state.due is None


def _is_over(state: RunState) -> bool:
    return state.phase.over or state.due == "close"


def _refuse_when_over(state: RunState) -> None:
    if _is_over(state):
        raise QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")


def _refuse_when_paused(state: RunState) -> None:
    if state.paused:
        raise QuizrunError(ErrorCode.PAUSED, "The run is paused; resume it first.")


def _not_allowed(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.COMMAND_NOT_ALLOWED, message)
