from __future__ import annotations

from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.commands import AllAnswered, DeadlinePassed, ExtraTimes, Pause, Published, Resume, Skip
from quiz.extra_time import (
    NO_LIMIT,
    NO_LIMIT_MS,
    ExtraTime,
    Percent,
    longest,
    scale,
    window_ms,
    within,
)
from quiz.machine import apply
from quiz.recovery import recovered
from quiz.run import Phase, RunPlan, RunSettings, RunState
from quiz.scoring import speed_points
from quiz.window import Window

PERCENTS: tuple[int, ...] = get_args(Percent)
FINITE = [percent for percent in PERCENTS if percent != NO_LIMIT]
LIMIT_MS = 20_000
PLAN = RunPlan(time_limits_ms=(LIMIT_MS,) * 3, slides=(1,))

percents = st.sampled_from(PERCENTS)
limits_ms = st.integers(5, 240).map(lambda seconds: seconds * 1_000)
points_given = st.integers(0, 2_000)


@given(percents, limits_ms)
def test_a_window_is_at_least_the_limit_and_bounded(percent: int, limit_ms: int) -> None:
    assert limit_ms <= window_ms(limit_ms, percent) <= max(NO_LIMIT_MS, 2 * limit_ms)


@given(st.sampled_from(FINITE), limits_ms)
def test_a_window_is_exactly_the_factor_times_the_limit(percent: int, limit_ms: int) -> None:
    assert Fraction(window_ms(limit_ms, percent), limit_ms) == Fraction(percent, 100)


@given(st.lists(percents))
def test_the_longest_factor_has_the_longest_window(of: list[int]) -> None:
    assert window_ms(LIMIT_MS, longest(of)) == max(
        [LIMIT_MS, *(window_ms(LIMIT_MS, one) for one in of)]
    )
    assert all(within(one, longest(of)) for one in of)


@given(points_given, limits_ms, st.integers(0, 2_000), percents)
def test_an_answer_is_scored_by_its_position_in_the_window(
    points: int, limit_ms: int, quarter: int, percent: int
) -> None:
    normal_ms = 4 * quarter  # so that every factor gives whole milliseconds
    own_ms = normal_ms * scale(percent) // 100
    assert speed_points(points, limit_ms, own_ms, percent) == speed_points(
        points, limit_ms, normal_ms
    )


@given(points_given, limits_ms, st.integers(0, 700_000), percents)
def test_extra_time_never_costs_points(
    points: int, limit_ms: int, elapsed_ms: int, percent: int
) -> None:
    earned = speed_points(points, limit_ms, elapsed_ms, percent)
    assert speed_points(points, limit_ms, elapsed_ms) <= earned <= points
    assert earned >= Fraction(points, 2)


@given(percents, percents, st.integers(-1, 9), st.integers(0, 9))
def test_a_factor_applies_from_its_question_on(
    percent: int, before: int, from_question: int, question: int
) -> None:
    extra = ExtraTime(percent=percent, before=before, from_question=from_question)
    assert extra.at(question) == (percent if question >= from_question else before)


# The run's clock


def opened(percent: int, at: int = 1_000, question: int = -1) -> RunState:
    """A question that opens at `at` + 300 ms while a player has this factor."""
    state = RunState(
        run_id="r",
        question_count=3,
        settings=RunSettings(),
        phase=Phase.STARTING,
        question=question,
        deadline_at=at,
    )
    state, _ = apply(state, ExtraTimes(longest=percent, change=1), 0, PLAN)
    state, (decision,) = apply(state, DeadlinePassed(), at, PLAN)
    state, _ = apply(state, Published(decision=decision), at + 10, PLAN)
    return state


def test_a_question_stays_open_as_long_as_its_longest_window() -> None:
    state = opened(150)
    assert (state.closes_at, state.last_closes_at) == (21_300, 31_300)
    assert apply(state, DeadlinePassed(), 21_300, PLAN) == (state, ())
    closed, _ = apply(state, DeadlinePassed(), 31_300, PLAN)
    assert (closed.phase, closed.closes_at, closed.over_at) == (Phase.REVEAL, 21_300, 31_300)


def test_a_question_is_extended_only_while_it_is_open_and_somebody_has_extra_time() -> None:
    assert opened(150).extended
    assert not opened(100).extended
    closed, _ = apply(opened(150), Skip(), 25_000, PLAN)
    assert not closed.extended


def test_a_question_without_a_limit_closes_eventually() -> None:
    assert opened(NO_LIMIT).deadline_at == 1_300 + NO_LIMIT_MS


def test_without_extra_time_the_stored_state_is_unchanged() -> None:
    state = RunState(run_id="r", question_count=3, settings=RunSettings(), phase=Phase.STARTING)
    state, _ = apply(state.model_copy(update={"deadline_at": 1_000}), DeadlinePassed(), 1_000, PLAN)
    said = state.model_dump()
    assert said.keys().isdisjoint({"last_closes_at", "longest_window", "extra_time_changes"})
    assert said["settings"].keys().isdisjoint({"own_extra_time", "phones"})
    assert state.over_at == said["closes_at"] == said["deadline_at"]


def test_a_change_takes_effect_with_the_next_question() -> None:
    state = opened(100)
    later, decisions = apply(state, ExtraTimes(longest=200, change=2), 5_000, PLAN)
    assert (later.deadline_at, decisions) == (state.deadline_at, ())
    later, _ = apply(opened(200), ExtraTimes(longest=100, change=2), 5_000, PLAN)
    assert later.deadline_at == 1_300 + 2 * LIMIT_MS


def test_of_changes_received_out_of_order_the_later_one_is_kept() -> None:
    state, _ = apply(opened(100), ExtraTimes(longest=100, change=3), 5_000, PLAN)
    state, _ = apply(state, ExtraTimes(longest=200, change=2), 5_001, PLAN)
    state, _ = apply(state, ExtraTimes(longest=200, change=3), 5_002, PLAN)
    assert (state.longest_window, state.extra_time_changes) == (100, 3)


def test_a_run_without_a_timer_has_no_extra_time() -> None:
    state = opened(200).model_copy(
        update={"settings": RunSettings(timer=False), "phase": Phase.STARTING, "question": -1}
    )
    state, _ = apply(state.model_copy(update={"deadline_at": 0}), DeadlinePassed(), 0, PLAN)
    assert (state.question, state.last_closes_at) == (0, None)


def test_slides_are_not_prolonged() -> None:
    state = opened(200, question=0)
    assert (state.question, state.last_closes_at, state.deadline_at) == (1, None, 21_300)


@pytest.mark.parametrize("paused_at", [9_000, 25_000])
def test_a_pause_shifts_all_windows_equally(paused_at: int) -> None:
    state = opened(150)
    state, _ = apply(state, Pause(), paused_at, PLAN)
    state, _ = apply(state, Resume(), paused_at + 50_000, PLAN)
    assert (state.closes_at, state.last_closes_at) == (71_300, 81_300)
    assert (state.deadline_at, state.paused_ms) == (81_300, 50_000)


def test_restored_time_shifts_all_windows_equally() -> None:
    state = opened(150)
    state, _ = apply(state, Pause(), 9_000, PLAN)
    state, (resumed,) = apply(state, Resume(), 10_000, PLAN)
    state, _ = apply(state, Published(decision=resumed), 15_000, PLAN)
    assert (state.closes_at, state.last_closes_at) == (27_300, 37_300)
    assert (state.deadline_at, state.paused_ms) == (37_300, 6_000)


@pytest.mark.parametrize("command", [Skip(), AllAnswered(question=0)])
@pytest.mark.parametrize("now", [9_000, 25_000])
def test_early_closing_ends_all_windows(command: Skip | AllAnswered, now: int) -> None:
    _, (closing, closed) = apply(opened(150), command, now, PLAN)
    assert closing.state.over_at == now
    window = Window.of(closing.state)
    assert window is not None
    assert all(window.closes_for(percent) <= now for percent in PERCENTS)
    assert Window.of(closed.state) is None


def test_a_recovered_run_keeps_the_windows_and_the_factor() -> None:
    state = recovered(opened(150), 25_000, PLAN, players=3)
    assert (state.remaining_ms, state.longest_window) == (6_300, 150)
    state, _ = apply(state, Resume(), 125_000, PLAN)
    assert (state.closes_at, state.last_closes_at) == (121_300, 131_300)
