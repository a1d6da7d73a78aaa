from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.extra_time import Percent, window_ms
from quiz.run import Phase, RunSettings, RunState
from quiz.window import ANSWER_GRACE_MS, REFUSED_BY_TIME, Window, why_refused
from tests.quiz.examples import OPEN, code_of

percents = st.sampled_from(get_args(Percent))
limits_ms = st.integers(5, 240).map(lambda seconds: seconds * 1_000)


def verdict(received_at: int, question: int = 1, **changes: object) -> int | str:
    """`elapsed_ms`, or the code of the refusal."""
    state = OPEN.model_copy(update=changes)
    window = Window.of(state)
    if window is not None:
        elapsed_ms = window.elapsed_ms(question, received_at)
        if elapsed_ms is not None:
            return elapsed_ms
    return code_of(why_refused(state, question, received_at)).value


@pytest.mark.parametrize(
    ("received_at", "expected"),
    [
        (9_999, "question_not_open"),
        (10_000, 0),
        (12_345, 2_345),
        (30_000, 20_000),
        (30_250, 20_250),
        (30_251, "question_closed"),
    ],
)
def test_the_window_lasts_from_opening_to_closing_plus_grace(
    received_at: int, expected: int | str
) -> None:
    assert verdict(received_at) == expected


def test_time_spent_paused_does_not_count() -> None:
    assert verdict(25_000, paused_ms=10_000, closes_at=40_000) == 5_000
    assert verdict(15_000, paused_ms=10_000, closes_at=40_000) == "question_not_open"


def test_each_phase_refuses_with_its_own_code() -> None:
    assert verdict(12_000, question=0) == "question_closed"
    assert verdict(12_000, question=2) == "question_not_open"
    assert verdict(12_000, question=5) == "payload_invalid"
    assert verdict(12_000, paused_at=11_000) == "paused"
    assert verdict(12_000, paused_at=11_000, due="score") == "question_closed"
    assert verdict(12_000, question=0, paused_at=11_000) == "question_closed"
    assert verdict(12_000, phase=Phase.REVEAL) == "question_closed"
    assert verdict(12_000, phase=Phase.REVEAL, paused_at=11_000) == "question_closed"
    assert verdict(12_000, phase=Phase.REVEAL, question=2) == "question_not_open"
    assert verdict(12_000, question=2, paused_at=11_000) == "question_not_open"
    assert verdict(12_000, phase=Phase.FINISHED) == "run_finished"
    assert verdict(12_000, phase=Phase.CANCELLED) == "run_finished"


def test_early_closing_moves_the_end() -> None:
    assert verdict(15_250, closes_at=15_000, due="score") == 5_250
    assert verdict(15_251, closes_at=15_000, due="score") == "question_closed"


def test_a_question_published_too_late_may_be_moved() -> None:
    assert why_refused(OPEN, 1, 40_000).code == "question_closed"
    assert why_refused(OPEN, 1, 40_000, overdue=True).code == "question_not_open"


def test_each_factor_has_its_own_closing_time() -> None:
    window = Window(0, 10_000, 30_000, 50_000)
    for percent, last in ((100, 30_250), (125, 35_250), (150, 40_250), (200, 50_250), (0, 50_250)):
        assert window.elapsed_ms(0, last, percent) == last - 10_000
        assert window.elapsed_ms(0, last + 1, percent) is None
        assert not window.over_for(percent, last)
        assert window.over_for(percent, last + 1)


def test_the_window_of_a_run_includes_the_extra_time_of_its_players() -> None:
    window = Window.of(OPEN.model_copy(update={"last_closes_at": 50_000}))
    assert window == Window(1, 10_000, 30_000, 50_000)


def test_extra_time_applies_only_to_questions_opened_with_it() -> None:
    assert Window(0, 10_000, 30_000).elapsed_ms(0, 30_251, 200) is None


@given(percents, percents, limits_ms)
def test_nobody_answers_after_the_question_has_closed_for_everyone(
    percent: int, other: int, limit_ms: int
) -> None:
    last = 1_000 + window_ms(limit_ms, other)
    window = Window(0, 1_000, 1_000 + limit_ms, last)
    assert window.closes_at <= window.closes_for(percent) <= last


states = st.builds(
    lambda opens_at, limit_ms, more_ms, **fields: RunState(
        run_id="r",
        question_count=3,
        settings=RunSettings(),
        opens_at=opens_at,
        closes_at=opens_at + fields["paused_ms"] + limit_ms,
        last_closes_at=None
        if more_ms is None
        else opens_at + fields["paused_ms"] + limit_ms + more_ms,
        **fields,
    ),
    opens_at=st.integers(0, 10_000),
    limit_ms=st.integers(0, 30_000),
    more_ms=st.none() | st.integers(0, 30_000),
    paused_ms=st.integers(0, 10_000),
    phase=st.sampled_from(Phase),
    question=st.integers(0, 2),
    paused_at=st.none() | st.integers(0, 40_000),
    due=st.sampled_from([None, "score"]),
)


@given(states, st.integers(0, 3), st.integers(0, 120_000), percents, st.booleans())
def test_an_answer_counts_in_its_window_alone_and_all_others_are_refused(
    state: RunState, question: int, received_at: int, percent: int, overdue: bool
) -> None:
    window = Window.of(state)
    elapsed_ms = None if window is None else window.elapsed_ms(question, received_at, percent)
    if elapsed_ms is None:
        refused = why_refused(state, question, received_at, overdue=overdue)
        assert (refused.code in REFUSED_BY_TIME) == (question < state.question_count)
        return
    assert (question, state.phase, state.paused) == (state.question, Phase.QUESTION, False)
    assert state.opens_at is not None
    assert elapsed_ms == received_at - state.opens_at - state.paused_ms >= 0
    assert state.over_at is not None
    assert received_at <= state.over_at + ANSWER_GRACE_MS
