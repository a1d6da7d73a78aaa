from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quiz.streaks import StreakRules, streak_after, streak_bonus

QUESTIONS = 12
answers_given = st.dictionaries(st.integers(0, QUESTIONS - 1), st.booleans())
counted_questions = st.none() | st.sets(st.integers(0, QUESTIONS - 1))


def test_the_bonus_starts_with_the_second_and_stops_at_500() -> None:
    assert [streak_bonus(n) for n in range(9)] == [0, 0, 100, 200, 300, 400, 500, 500, 500]
    assert [StreakRules(bonuses=True).bonus(n) for n in range(9)] == list(
        map(streak_bonus, range(9))
    )
    assert not any(StreakRules().bonus(n) for n in range(9))


def test_a_wrong_or_missing_answer_ends_a_streak_and_a_poll_does_not() -> None:
    rules = StreakRules(counted={0, 1, 3, 4, 5})
    right = {0: True, 1: True, 2: False, 3: True, 4: False, 5: True}
    assert rules.recount(right, asked=5) == {0: 1, 1: 2, 3: 3, 4: 0, 5: 1}
    del right[3]
    assert rules.recount(right, asked=5) == {0: 1, 1: 2, 3: 0, 4: 0, 5: 1}


def test_a_question_that_was_never_asked_ends_nobodys_streak() -> None:
    answers = {0: True, 1: True, 4: True}
    assert StreakRules().recount(answers, asked=1) == {0: 1, 1: 2, 4: 3}
    assert StreakRules().recount(answers, asked=4) == {0: 1, 1: 2, 2: 0, 3: 0, 4: 1}


def test_the_question_before_is_the_last_one_that_counts() -> None:
    rules = StreakRules(counted={1, 3})
    assert [rules.counted_before(index) for index in range(5)] == [None, None, 1, 1, 3]
    assert [StreakRules().counted_before(index) for index in range(3)] == [None, 0, 1]


@given(answers_given, counted_questions, st.integers(-1, QUESTIONS - 1))
def test_incremental_streaks_equal_a_recount(
    answers: dict[int, bool], counted: set[int] | None, asked: int
) -> None:
    rules, streak, after = StreakRules(counted), 0, {}
    for index in range(asked + 1):
        if rules.counts(index):
            streak = streak_after(streak, correct=answers.get(index, False))
            after[index] = streak
    recounted = rules.recount(answers, asked)
    assert {index: recounted[index] for index in after} == after
    assert all(index in answers for index in recounted.keys() - after.keys())


@given(answers_given, counted_questions, st.data())
def test_a_late_correct_answer_shortens_no_streak(
    answers: dict[int, bool], counted: set[int] | None, data: st.DataObject
) -> None:
    rules = StreakRules(counted)
    late = data.draw(st.integers(0, QUESTIONS - 1))
    before = rules.recount(answers, QUESTIONS - 1)
    after = rules.recount(answers | {late: True}, QUESTIONS - 1)
    assert all(after[index] >= before[index] for index in before)
