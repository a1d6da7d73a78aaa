"""Recovery of runs whose workflow is lost, from any state that may have been stored last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.commands import Command, DeadlinePassed, Next, Resume
from quiz.errors import ErrorCode, QuizrunError
from quiz.machine import apply, wakes_at
from quiz.recovery import VERSION_GAP, recovered
from quiz.run import Phase, RunState, Step
from quiz.stalling import STALLED_AFTER_MS, expected_at, stalled
from tests.quiz.examples import OPEN, THOROUGH, code_of, elapsed_ms
from tests.quiz.test_machine import LIMIT_MS, MOVE, PLAN, Clockwork


@THOROUGH
@given(st.lists(MOVE, max_size=60), st.integers(0, 3_600_000), st.booleans())
def test_a_run_is_recovered_from_any_published_state_and_ends(
    moves: list[tuple[Command | None, int]], later_ms: int, auto_advance: bool
) -> None:
    lost = Clockwork(auto_advance=auto_advance).play(moves)
    for decision in lost.decisions:
        if decision.state.due == "close" or decision.state.phase.over:
            continue  # stored only together with the end of the run
        state = recovered(decision.state, decision.decided_at, PLAN, players=7)
        assert state.paused
        assert state.due is None
        assert state.version > decision.version + VERSION_GAP - 1
        assert state.players >= 7
        assert (state.phase, state.question) == (decision.state.phase, decision.state.question)
        run = Clockwork()
        run.states, run.now = [state], decision.decided_at + later_ms
        run.play([(Resume(), 0)])
        for _ in range(40):
            if run.idle:
                run.now = max(run.now, wakes_at(run.state, PLAN) or 0)
            run.play([(None, 10)])
        assert run.state.phase.over


def test_a_recovered_question_keeps_its_remaining_time() -> None:
    state = RunState(
        run_id="run",
        question_count=3,
        settings=Clockwork().state.settings,
        phase=Phase.QUESTION,
        question=0,
        version=4,
        opens_at=1_000,
        closes_at=1_000 + LIMIT_MS,
        deadline_at=1_000 + LIMIT_MS,
    )
    paused = recovered(state, 6_000, PLAN, players=2)
    assert paused.remaining_ms == LIMIT_MS - 5_000
    resumed, _ = apply(paused, Resume(), 90_000, PLAN)
    assert resumed.closes_at == 90_000 + LIMIT_MS - 5_000
    assert elapsed_ms(resumed, 91_000) == 6_000


@pytest.mark.parametrize("due", ["score", "reveal"])
@pytest.mark.parametrize("paused_at", [None, 28_000])
def test_a_reveal_that_was_not_published_yet_keeps_its_whole_time(
    due: Step, paused_at: int | None
) -> None:
    revealing = {"phase": Phase.REVEAL, "due": due, "paused_at": paused_at}
    paused = recovered(OPEN.model_copy(update=revealing), 29_000, PLAN, players=2)
    assert (paused.phase, paused.due, paused.remaining_ms) == (Phase.REVEAL, None, 5_000)
    resumed, _ = apply(paused, Resume(), 90_000, PLAN)
    assert resumed.deadline_at == 95_000
    following, _ = apply(resumed, Next(), 91_000, PLAN)
    assert (following.phase, following.question) == (Phase.QUESTION, OPEN.question + 1)


@pytest.mark.parametrize("paused_at", [None, 28_000])
def test_a_question_that_was_closing_closes_at_once_when_the_host_resumes(
    paused_at: int | None,
) -> None:
    closing = {"due": "score", "paused_at": paused_at}
    paused = recovered(OPEN.model_copy(update=closing), 29_000, PLAN, players=2)
    assert (paused.phase, paused.due, paused.remaining_ms) == (Phase.QUESTION, None, 0)
    resumed, _ = apply(paused, Resume(), 90_000, PLAN)
    closed, _ = apply(resumed, DeadlinePassed(), 90_000, PLAN)
    assert (closed.phase, closed.due) == (Phase.REVEAL, "score")


def test_a_recovered_run_gives_its_host_the_whole_time_again() -> None:
    warned = {"expires_at": 5_000, "expiring": True, "paused_at": 1_000, "players": 3}
    state = recovered(OPEN.model_copy(update=warned), 29_000, PLAN, players=2)
    assert (state.expires_at, state.expiring) == (None, False)
    assert (state.players, state.version) == (3, OPEN.version + VERSION_GAP)


def test_a_question_of_the_first_release_that_was_about_to_open_opens_on_resuming() -> None:
    state = RunState(
        run_id="run",
        question_count=3,
        settings=Clockwork().state.settings,
        phase=Phase.STARTING,
        due="open",
    )
    paused = recovered(state, 7_000, PLAN, players=2)
    assert (paused.due, paused.remaining_ms) == (None, 0)
    resumed, _ = apply(paused, Resume(), 90_000, PLAN)
    opened, _ = apply(resumed, DeadlinePassed(), 90_000, PLAN)
    assert (opened.phase, opened.question) == (Phase.QUESTION, 0)


def test_a_finished_run_is_not_recovered() -> None:
    state = RunState(
        run_id="run", question_count=1, settings=Clockwork().state.settings, phase=Phase.FINISHED
    )
    with pytest.raises(QuizrunError) as refused:
        recovered(state, 0, PLAN, players=0)
    assert code_of(refused.value) is ErrorCode.RUN_FINISHED


@given(st.lists(MOVE, max_size=40))
def test_a_run_is_stalled_only_if_its_clock_should_have_advanced_it(
    moves: list[tuple[Command | None, int]],
) -> None:
    for state in Clockwork().play(moves).states:
        expected = expected_at(state)
        if state.paused or state.phase is Phase.LOBBY or state.phase.over:
            assert expected is None
        if expected is not None:
            assert not stalled(state, expected + STALLED_AFTER_MS)
            assert stalled(state, expected + STALLED_AFTER_MS + 1)


def test_a_step_that_was_owed_during_a_pause_follows_at_once_when_the_host_resumes() -> None:
    state = RunState(
        run_id="run",
        question_count=2,
        settings=Clockwork().state.settings,
        phase=Phase.STARTING,
        due="open",
        paused_at=5_000,
    )
    paused = recovered(state, 6_000, PLAN, players=2)
    assert (paused.due, paused.remaining_ms) == (None, 0)
    resumed, _ = apply(paused, Resume(), 9_000, PLAN)
    assert resumed.deadline_at == 9_000
