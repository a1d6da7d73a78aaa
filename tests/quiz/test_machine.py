"""The run's state machine: single transitions, and invariants under random command sequences."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz import machine
from quiz.commands import (
    AllAnswered,
    Command,
    DeadlinePassed,
    End,
    ExtraTimes,
    Kick,
    Lock,
    Next,
    Pause,
    PlayersJoined,
    Published,
    Resume,
    RunClosed,
    Skip,
    StandingsPublished,
    Start,
    Unlock,
)
from quiz.errors import ErrorCode, QuizrunError
from quiz.events import Decision
from quiz.machine import wakes_at
from quiz.run import HOUR_MS, IdleTimeouts, Phase, RunPlan, RunSettings, RunState
from quiz.timing import MAX_LEAD_MS
from quiz.window import ANSWER_GRACE_MS
from tests.quiz.examples import THOROUGH, code_of, elapsed_ms

LIMIT_MS = 20_000
LEAD_MS = 300
PLAN = RunPlan(time_limits_ms=(LIMIT_MS,) * 3)


def apply(state: RunState, command: Command, now: int) -> tuple[RunState, tuple[Decision, ...]]:
    return machine.apply(state, command, now, PLAN)


def lobby(questions: int = 2, **chosen: Any) -> RunState:
    settings = RunSettings.model_validate(chosen)
    return RunState(run_id="run", question_count=questions, settings=settings)


def apply_all(state: RunState, *commands: tuple[Command, int]) -> RunState:
    for command, now in commands:
        state, _ = apply(state, command, now)
    return state


def decide(state: RunState, command: Command, now: int) -> tuple[RunState, Decision]:
    """Apply a command that leads to exactly one decision."""
    state, (decision,) = apply(state, command, now)
    return state, decision


def opening(now: int = 3_000, **chosen: Any) -> tuple[RunState, Decision]:
    """The first question, decided at `now` and not published yet."""
    return decide(apply_all(lobby(**chosen), (Start(), now - 3_000)), DeadlinePassed(), now)


def in_question(now: int = 3_000, **chosen: Any) -> RunState:
    """Question 0 was decided at `now` and published at once."""
    state, decision = opening(now, **chosen)
    return apply_all(state, (Published(decision=decision), now + 20))


def in_reveal(now: int = 30_000, **chosen: Any) -> RunState:
    return apply_all(
        in_question(**chosen),
        (Skip(), now),
        (StandingsPublished(question=0), now),
    )


def refusal(state: RunState, command: Command, now: int = 50_000) -> ErrorCode:
    with pytest.raises(QuizrunError) as refused:
        apply(state, command, now)
    return code_of(refused.value)


def test_a_run_goes_from_lobby_to_finished() -> None:
    state = lobby(questions=1)
    state, started = decide(state, Start(), 1_000)
    assert (state.phase, state.deadline_at) == (Phase.STARTING, 4_000)
    state, opened = decide(state, DeadlinePassed(), 4_000)
    assert (state.phase, state.question, state.deadline_at) == (Phase.QUESTION, 0, 24_300)
    state = apply_all(state, (Published(decision=opened), 4_020))
    state, (closing, closed) = apply(state, DeadlinePassed(), 24_300)
    assert (closing.state.phase, closing.state.due) == (Phase.QUESTION, "score")
    assert (state.phase, state.due) == (Phase.REVEAL, "score")
    state = apply_all(state, (StandingsPublished(question=0), 24_750))
    assert state.deadline_at == 29_750
    state, finished = decide(state, DeadlinePassed(), 29_750)
    assert state.due == "close"
    closed_run = apply_all(state, (RunClosed(), 29_800))
    assert (closed_run.phase, closed_run.due) == (Phase.FINISHED, None)
    decisions = [started, opened, closing, closed, finished]
    assert [(one.version, one.type) for one in decisions] == [
        (1, "run.starting"),
        (2, "question.opened"),
        (3, "question.closing"),
        (4, "question.closed"),
        (5, "run.finished"),
    ]


def test_a_run_starts_automatically_once_enough_players_have_joined() -> None:
    state = apply_all(lobby(auto_start_players=3), (PlayersJoined(players=2), 0))
    assert state.phase is Phase.LOBBY
    assert apply_all(state, (PlayersJoined(players=3), 0)).phase is Phase.STARTING


def test_the_number_of_players_never_goes_down() -> None:
    state = apply_all(lobby(), (PlayersJoined(players=3), 0), (PlayersJoined(players=2), 1))
    assert state.players == 3


def test_a_run_that_is_over_takes_no_reports() -> None:
    for over in (
        apply_all(in_question(), (End(), 31_000)),
        apply_all(in_question(), (End(), 31_000), (RunClosed(), 31_100)),
    ):
        assert apply(over, PlayersJoined(players=5), 32_000) == (over, ())
        assert apply(over, ExtraTimes(longest=200, change=9), 32_000) == (over, ())
        assert apply(over, AllAnswered(question=0), 32_000) == (over, ())


def test_a_paused_question_does_not_close_when_all_have_answered() -> None:
    paused = apply_all(in_question(), (Pause(), 9_000))
    assert apply(paused, AllAnswered(question=0), 9_500) == (paused, ())


def test_kicks_reveals_and_the_end_are_the_changes_of_the_standings() -> None:
    state, kicked = decide(in_question(), Kick(player_id="ann"), 9_000)
    assert (kicked.type, kicked.player_id, kicked.decided_at) == ("player.kicked", "ann", 9_000)
    assert state.standings_version == kicked.version
    state, (closing, closed) = apply(state, Skip(), 9_500)
    assert closing.state.standings_version == kicked.version
    assert state.standings_version == closed.version
    state, ended = decide(apply_all(state, (StandingsPublished(question=0), 9_600)), End(), 10_000)
    assert state.standings_version == ended.version


def test_a_published_reveal_is_no_longer_owed() -> None:
    owed = apply_all(in_question(), (Skip(), 9_000))
    assert machine.after_reveal(owed) == owed.model_copy(update={"due": None})
    closing = apply_all(owed, (End(), 9_100))
    assert machine.after_reveal(closing) == closing


def test_a_paused_lobby_does_not_start_automatically() -> None:
    state = apply_all(lobby(auto_start_players=3), (Pause(), 0), (PlayersJoined(players=3), 0))
    assert state.phase is Phase.LOBBY


def test_without_auto_advance_the_reveal_waits_for_the_host() -> None:
    state = in_reveal(auto_advance=False)
    assert state.deadline_at is None
    following = apply_all(state, (Next(), 99_000))
    assert (following.phase, following.question) == (Phase.QUESTION, 1)


def test_all_answered_closes_the_question_early_and_only_that_question() -> None:
    state = in_question()
    assert apply_all(state, (AllAnswered(question=1), 9_000)) == state
    closed = apply_all(state, (AllAnswered(question=0), 9_000))
    assert (closed.due, closed.closes_at) == ("score", 9_000)
    assert apply_all(closed, (AllAnswered(question=0), 9_100)) == closed


def test_a_pause_in_a_question_keeps_the_time_that_was_left() -> None:
    state = in_question(now=3_000)  # open from 3.3 s to 23.3 s
    state = apply_all(state, (Pause(), 10_000))
    assert (state.remaining_ms, state.deadline_at) == (13_300, None)
    state = apply_all(state, (Resume(), 60_000))
    assert (state.closes_at, state.deadline_at, state.paused_ms) == (73_300, 73_300, 50_000)
    assert state.last_closes_at is None
    assert elapsed_ms(state, 60_000) == 10_000 - 3_300


@pytest.mark.parametrize("late_ms", [0, 1, 500])
def test_a_pause_at_the_deadline_leaves_no_time(late_ms: int) -> None:
    assert apply_all(in_question(now=3_000), (Pause(), 23_300 + late_ms)).remaining_ms == 0


def test_a_pause_of_one_question_does_not_count_for_the_next() -> None:
    state = apply_all(in_question(now=3_000), (Pause(), 10_000), (Resume(), 15_000))
    revealed = apply_all(state, (Skip(), 16_000), (StandingsPublished(question=0), 16_000))
    assert apply_all(revealed, (Next(), 20_000)).paused_ms == 0


def test_a_pause_in_the_countdown_keeps_the_time_that_was_left() -> None:
    state = apply_all(lobby(), (Start(), 0), (Pause(), 1_000), (Resume(), 9_000))
    assert (state.deadline_at, state.remaining_ms) == (11_000, None)
    assert (state.closes_at, state.paused_ms) == (None, 0)  # no question is open


def test_a_pause_while_a_question_is_being_published_keeps_its_whole_time() -> None:
    state, decision = opening(now=3_000)  # opens at 3.3 s
    state = apply_all(state, (Pause(), 3_100), (Published(decision=decision), 3_200))
    assert state.remaining_ms == 200 + LIMIT_MS
    state = apply_all(state, (Resume(), 10_000))
    assert elapsed_ms(state, 10_210) == 10
    assert state.closes_at == 10_200 + LIMIT_MS


def test_a_full_lobby_that_was_paused_starts_when_it_is_resumed() -> None:
    paused = apply_all(lobby(auto_start_players=2), (Pause(), 0), (PlayersJoined(players=2), 1))
    state, decisions = apply(paused, Resume(), 9_000)
    assert [one.type for one in decisions] == ["run.resumed", "run.starting"]
    assert [one.version for one in decisions] == [2, 3]
    assert state.phase is Phase.STARTING


def test_starting_a_paused_lobby_resumes_it() -> None:
    state, decisions = apply(apply_all(lobby(), (Pause(), 0)), Start(), 5_000)
    assert [one.type for one in decisions] == ["run.resumed", "run.starting"]
    assert (state.phase, state.paused, state.deadline_at) == (Phase.STARTING, False, 8_000)


# A question that could not be published in time


def test_a_question_published_too_late_is_moved_and_keeps_its_whole_time() -> None:
    state, first = opening(now=3_000)
    state, again = decide(state, Published(decision=first), 63_000)
    assert (again.type, again.version) == ("question.opened", first.version + 1)
    assert state.question == 0
    assert state.opens_at == 63_000 + 2 * LEAD_MS
    assert state.closes_at == state.deadline_at == state.opens_at + LIMIT_MS
    assert apply_all(state, (Published(decision=first), 63_010)) == state
    assert apply_all(state, (Published(decision=again), 63_020)).opens_at == state.opens_at


def test_a_question_published_in_time_is_not_moved() -> None:
    state, decision = opening(now=3_000)
    assert apply(state, Published(decision=decision), 3_300) == (state, ())


def test_a_question_published_with_other_times_is_moved() -> None:
    state, first = opening()
    same, nothing = apply(state, Published(decision=first, opens_at=state.opens_at), 3_020)
    assert (same.opens_at, nothing) == (state.opens_at, ())
    moved, again = decide(state, Published(decision=first, opens_at=1_000), 3_100)
    assert (again.type, moved.version) == ("question.opened", state.version + 1)
    assert (moved.opens_at, moved.closes_at) == (3_100 + LEAD_MS, 3_100 + LEAD_MS + LIMIT_MS)


def test_a_deadline_counts_once_it_has_passed() -> None:
    state = apply_all(lobby(), (Start(), 0))
    assert state.deadline_at is not None
    assert machine.after_deadline(state, state.deadline_at - 1, PLAN) == (state, ())
    opened, (decision,) = machine.after_deadline(state, state.deadline_at, PLAN)
    assert (opened.phase, decision.decided_at) == (Phase.QUESTION, state.deadline_at)
    scoring, _ = apply(in_question(), Skip(), 5_000)
    assert machine.after_deadline(scoring, 10**12, PLAN) == (scoring, ())


def test_a_late_question_that_was_paused_opens_when_the_host_resumes() -> None:
    state, first = opening(now=3_000)
    state = apply_all(state, (Pause(), 4_000))
    state, again = decide(state, Published(decision=first), 63_000)
    assert again.state.paused
    assert state.deadline_at is None
    assert apply_all(state, (Published(decision=again), 99_000)) == state
    state = apply_all(state, (Resume(), 100_000))
    assert state.closes_at == 100_000 + 2 * LEAD_MS + LIMIT_MS
    assert elapsed_ms(state, 100_000 + 2 * LEAD_MS + 7) == 7


def test_a_question_that_has_closed_is_not_opened_again() -> None:
    state, decision = opening(now=3_000)
    for command in (Skip(), AllAnswered(question=0), End()):
        closed = apply_all(state, (command, 9_000))
        assert apply_all(closed, (Published(decision=decision), 63_000)) == closed


def test_the_lead_doubles_until_publishing_is_in_time_and_shrinks_again() -> None:
    state, decision = opening(now=0)
    leads: list[int] = []
    now = 0
    while not leads or leads[-1] < MAX_LEAD_MS:
        now += MAX_LEAD_MS + 1
        state, decision = decide(state, Published(decision=decision), now)
        assert state.opens_at is not None
        leads.append(state.opens_at - now)
    assert leads[:3] == [600, 1_200, 2_400]
    state = apply_all(state, (Published(decision=decision), now + 10))
    assert state.lead_ms == MAX_LEAD_MS // 2


@pytest.mark.parametrize(
    ("took", "lead"),
    [(70, 0), (200, 0), (201, 301), (300, 450), (301, 600), (1_000, 1_500), (9_000, 2_000)],
)
def test_the_lead_adapts_to_how_long_publishing_took(took: int, lead: int) -> None:
    state, decision = opening(now=0)
    plan = PLAN.model_copy(update={"roomy_leads": True})
    state, moved = machine.apply(state, Published(decision=decision), took, plan)
    if took > LEAD_MS:
        assert [one.type for one in moved] == ["question.opened"]
        assert state.opens_at == took + lead
    else:
        assert moved == ()
    assert state.lead_ms == lead


def test_time_lost_by_a_late_resume_is_restored() -> None:
    state = apply_all(in_question(), (Pause(), 10_000))
    state, resumed = decide(state, Resume(), 20_000)
    assert apply_all(state, (Published(decision=resumed), 21_000)) == state
    assert apply_all(state, (Published(decision=resumed), 21_001)).closes_at == 21_001 + 13_300
    after, again = decide(state, Published(decision=resumed), 50_000)
    assert (again.type, again.version) == ("run.resumed", resumed.version + 1)
    assert after.closes_at == 50_000 + 13_300
    assert elapsed_ms(after, 50_000) == 10_000 - 3_300


# Abandoned runs


@pytest.mark.parametrize(
    ("place", "hours"),
    [
        (apply_all(lobby(), (Unlock(), 0), (PlayersJoined(players=1), 0)), 24),
        (apply_all(in_question(), (Pause(), 0)), 12),
        (in_reveal(now=30_000, auto_advance=False), 12),
    ],
)
def test_an_abandoned_run_is_ended_after_a_warning(place: RunState, hours: int) -> None:
    warn_at = wakes_at(place, PLAN)
    assert warn_at is not None
    assert apply(place, DeadlinePassed(), warn_at - 1) == (place, ())
    state, warning = decide(place, DeadlinePassed(), warn_at)
    assert (warning.type, warning.state) == ("run.expiring", state)
    end_at = wakes_at(state, PLAN)
    assert end_at == state.expires_at == warn_at + 600_000
    assert hours * HOUR_MS <= end_at <= hours * HOUR_MS + 30_000
    _, ended = decide(state, DeadlinePassed(), end_at)
    assert ended.type in ("run.finished", "run.cancelled")


def test_any_host_command_restarts_the_expiry() -> None:
    state = apply_all(lobby(), (PlayersJoined(players=1), 0))
    warn_at = wakes_at(state, PLAN)
    assert warn_at is not None
    state = apply_all(state, (DeadlinePassed(), warn_at), (Lock(), warn_at + 5))
    assert not state.expiring
    assert state.expires_at == warn_at + 5 + 24 * HOUR_MS


def test_a_run_that_starts_after_a_warning_no_longer_expires() -> None:
    state = apply_all(lobby(), (PlayersJoined(players=1), 0))
    warn_at = wakes_at(state, PLAN)
    assert warn_at is not None
    started = apply_all(state, (DeadlinePassed(), warn_at), (Start(), warn_at + 5))
    assert (started.expires_at, started.expiring) == (None, False)


def test_a_short_timeout_warns_the_host_halfway() -> None:
    plan = PLAN.model_copy(update={"idle": IdleTimeouts(lobby_timeout_ms=60_001)})
    assert wakes_at(lobby().model_copy(update={"expires_at": 60_001}), plan) == 30_001


def test_a_run_that_advances_automatically_never_expires() -> None:
    assert in_question().expires_at is None
    assert in_reveal().expires_at is None


def test_a_pause_during_scoring_keeps_the_whole_reveal() -> None:
    state = apply_all(in_question(), (DeadlinePassed(), 23_300), (Pause(), 23_400))
    assert state.expires_at is None
    state = apply_all(state, (StandingsPublished(question=0), 23_800))
    assert (state.phase, state.paused, state.remaining_ms) == (Phase.REVEAL, True, 5_000)
    assert state.due is None
    assert apply_all(state, (Resume(), 90_000)).deadline_at == 95_000


def test_a_timer_that_fires_together_with_a_pause_changes_nothing() -> None:
    paused = apply_all(in_question(), (Pause(), 23_300))
    assert apply_all(paused, (DeadlinePassed(), 23_300)) == paused


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Start(), ErrorCode.COMMAND_NOT_ALLOWED),
        (Next(), ErrorCode.COMMAND_NOT_ALLOWED),
        (Resume(), ErrorCode.COMMAND_NOT_ALLOWED),
    ],
)
def test_commands_in_the_wrong_phase_are_refused(command: Command, code: ErrorCode) -> None:
    assert refusal(in_question(), command) is code


def test_skip_is_refused_outside_a_question_and_while_it_is_scored() -> None:
    assert refusal(lobby(), Skip()) is ErrorCode.COMMAND_NOT_ALLOWED
    assert refusal(in_reveal(), Skip()) is ErrorCode.COMMAND_NOT_ALLOWED
    scoring = apply_all(in_question(), (Skip(), 9_000))
    assert refusal(scoring, Skip()) is ErrorCode.QUESTION_CLOSED
    assert refusal(scoring, Next()) is ErrorCode.COMMAND_NOT_ALLOWED


@pytest.mark.parametrize("command", [Pause(), Skip(), Next()])
def test_a_paused_run_refuses_commands_that_would_advance_it(command: Command) -> None:
    places = {"skip": in_question(), "next": in_reveal(), "pause": lobby()}
    paused = apply_all(places[command.type], (Pause(), 30_000))  # type: ignore[union-attr]
    assert refusal(paused, command) is ErrorCode.PAUSED


def test_next_is_judged_by_the_reveal_that_is_still_being_published() -> None:
    scoring = apply_all(in_question(), (Skip(), 9_000))
    revealed = apply_all(scoring, (StandingsPublished(question=0), 9_000))
    assert machine.after_reveal(scoring).due is None
    assert machine.after_reveal(revealed) == revealed
    following, opened = decide(machine.after_reveal(scoring), Next(), 9_100)
    assert (opened.type, following.question) == ("question.opened", 1)


def test_a_finished_run_refuses_everything() -> None:
    over = apply_all(in_reveal(), (End(), 31_000), (RunClosed(), 31_100))
    assert over.phase is Phase.FINISHED
    for command in (Start(), Pause(), Resume(), Next(), Skip(), End(), Lock(), Kick(player_id="p")):
        assert refusal(over, command) is ErrorCode.RUN_FINISHED


@pytest.mark.parametrize("start_first", [False, True])
def test_a_run_that_ends_before_its_first_question_is_cancelled(start_first: bool) -> None:
    state, ended = decide(apply_all(lobby(), *([(Start(), 0)] if start_first else [])), End(), 1)
    assert ended.type == "run.cancelled"
    assert apply_all(state, (RunClosed(), 2)).phase is Phase.CANCELLED


def test_locking_twice_publishes_one_event() -> None:
    locked, events = apply(lobby(), Lock(), 0)
    assert [event.type for event in events] == ["run.locked"]
    assert apply(locked, Lock(), 1) == (locked, ())
    assert [event.type for event in apply(locked, Unlock(), 2)[1]] == ["run.unlocked"]


# Invariants under random command sequences. `Clockwork` stands in for the workflow: it executes
# decisions after some time, during which commands may arrive.

HOST = st.sampled_from(
    [Start(), Pause(), Resume(), Next(), Skip(), End(), Lock(), Unlock(), Kick(player_id="p")]
)
REPORTS = st.one_of(
    st.builds(PlayersJoined, players=st.integers(0, 9)),
    st.builds(AllAnswered, question=st.integers(0, 3)),
    st.just(DeadlinePassed()),
)
MOVE = st.tuples(st.one_of(HOST, HOST, REPORTS, st.none(), st.none()), st.integers(0, 9_000))
LEGAL = {
    (Phase.LOBBY, Phase.STARTING),
    (Phase.STARTING, Phase.QUESTION),
    (Phase.QUESTION, Phase.REVEAL),
    (Phase.REVEAL, Phase.QUESTION),
    (Phase.LOBBY, Phase.CANCELLED),
    (Phase.STARTING, Phase.CANCELLED),
    (Phase.QUESTION, Phase.FINISHED),
    (Phase.REVEAL, Phase.FINISHED),
}


class Clockwork:
    """A run, its clock and its outbox."""

    def __init__(self, **chosen: Any) -> None:
        self.now = 0
        self.states = [lobby(questions=3, **chosen)]
        self.decisions: list[Decision] = []
        self._outbox: list[Decision] = []

    @property
    def state(self) -> RunState:
        return self.states[-1]

    @property
    def idle(self) -> bool:
        """Whether all decisions have been executed."""
        return not self._outbox

    def play(self, moves: Sequence[tuple[Command | None, int]]) -> Clockwork:
        """None stands for the clockwork doing what is next."""
        for command, pause_ms in moves:
            self.now += pause_ms
            self._apply(command or self._next())
        return self

    def _next(self) -> Command:
        if not self._outbox:
            return DeadlinePassed()
        decision = self._outbox.pop(0)
        match decision.type:
            case "question.closing":
                closed = self._outbox.pop(0)
                assert (closed.type, closed.version) == ("question.closed", decision.version + 1)
                return StandingsPublished(question=decision.state.question)
            case "run.finished" | "run.cancelled":
                return RunClosed()
            case _:
                return Published(decision=decision)

    def _apply(self, command: Command) -> None:
        try:
            state, decisions = apply(self.state, command, self.now)
        except QuizrunError:
            return
        self.states.append(state)
        self.decisions += decisions
        self._outbox += decisions


@THOROUGH
@given(st.lists(MOVE, max_size=60), st.booleans())
def test_no_sequence_makes_an_illegal_transition(
    moves: list[tuple[Command | None, int]], auto_advance: bool
) -> None:
    states = Clockwork(auto_advance=auto_advance, auto_start_players=5).play(moves).states
    for before, after in itertools.pairwise(states):
        assert before.phase is after.phase or (before.phase, after.phase) in LEGAL
        assert after.version - before.version in (0, 1, 2)
        assert after.question - before.question in (0, 1)
        assert not before.phase.over or before == after
        assert not (after.paused and after.deadline_at is not None)
        assert not (after.due and after.deadline_at is not None)


@THOROUGH
@given(st.lists(MOVE, max_size=60))
def test_every_version_is_decided_once_and_in_order(
    moves: list[tuple[Command | None, int]],
) -> None:
    run = Clockwork(auto_start_players=5).play(moves)
    assert [one.version for one in run.decisions] == list(range(1, run.state.version + 1))
    for one in run.decisions:
        assert one.state.standings_version <= one.version


@THOROUGH
@given(st.lists(MOVE, max_size=60), st.booleans())
def test_a_run_that_waits_always_has_a_time_to_wake_up(
    moves: list[tuple[Command | None, int]], auto_advance: bool
) -> None:
    _, *states = Clockwork(auto_advance=auto_advance).play(moves).states
    for state in states:
        if state.due is None and not state.phase.over:
            assert wakes_at(state, PLAN) is not None


@THOROUGH
@given(st.lists(MOVE, max_size=60))
def test_a_run_without_its_host_ends(moves: list[tuple[Command | None, int]]) -> None:
    run = Clockwork().play(moves)
    for _ in range(40):
        if run.idle:
            run.now = max(run.now, wakes_at(run.state, PLAN) or 0)
        run.play([(None, 10)])
    assert run.state.phase.over


@THOROUGH
@given(st.lists(MOVE, max_size=60))
def test_an_open_question_always_keeps_its_whole_time(
    moves: list[tuple[Command | None, int]],
) -> None:
    for state in Clockwork().play(moves).states:
        if state.phase is Phase.QUESTION and state.due is None:
            assert state.opens_at is not None
            assert state.closes_at is not None
            opens_at = state.opens_at + state.paused_ms
            ends_at = state.closes_at
            if state.paused_at is not None:
                assert state.remaining_ms is not None
                ends_at = state.paused_at + state.remaining_ms
            assert ends_at - opens_at == LIMIT_MS


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 50_000)), max_size=9))
def test_remaining_time_is_conserved_over_any_pauses(pauses: list[tuple[int, int]]) -> None:
    state = in_question(now=3_000)
    now, running, paused = 3_300, 0, 0
    for run_ms, pause_ms in pauses:
        now, running = now + run_ms, running + run_ms
        state = apply_all(state, (Pause(), now))
        assert state.remaining_ms == LIMIT_MS - running
        now, paused = now + pause_ms, paused + pause_ms
        state = apply_all(state, (Resume(), now))
        assert state.closes_at == state.deadline_at == now + LIMIT_MS - running
        assert elapsed_ms(state, now) == running
    assert state.paused_ms == paused


@given(st.integers(-2_000, 30_000), st.integers(0, 9_000), st.integers(0, 9_000))
def test_an_answer_counts_from_opening_to_closing_and_a_pause_never_counts(
    at: int, into: int, pause_ms: int
) -> None:
    state = in_question(now=3_000)
    state = apply_all(state, (Pause(), 3_000 + into), (Resume(), 3_000 + into + pause_ms))
    counts = 0 <= at <= LIMIT_MS + ANSWER_GRACE_MS
    assert elapsed_ms(state, 3_300 + pause_ms + at) == (at if counts else None)


def test_reports_about_another_step_change_nothing() -> None:
    state = in_question(now=3_000)
    assert apply(state, StandingsPublished(question=0), 9_000) == (state, ())
    assert apply(state, RunClosed(), 9_000) == (state, ())
