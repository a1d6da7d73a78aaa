from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quiz.errors import QuizrunError
from quiz.nickname import clean_nickname, nickname_key
from quiz.skeleton import skeleton


@pytest.mark.parametrize(
    "name",
    ["Tim", "TIM", "T i m", "t.i.m", "Tïm", "Тim", "Tіm", "T1m", "Tlm", "T!m", "Τιμ"[:2] + "m",
     "Ｔｉｍ", "𝓣𝓲𝓶", "_Tim_", "Tirn", "Tim!", "T|m", "T1M", "Tim 🙂", "T\u0336i\u0336m\u0336"],
)  # fmt: skip
def test_a_lookalike_name_is_recognised(name: str) -> None:
    assert skeleton(name) == skeleton("Tim")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Tim", "Tom"), ("Group 4", "Group A"), ("Group 1", "Group 2"), ("かな", "がな"), ("🦊", "🦉"),
     ("मीना", "मना"), ("Анна", "Алла"), ("Player 1", "Player 11"), ("Team4", "Teama")],
)  # fmt: skip
def test_different_names_have_different_skeletons(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text(min_size=1, max_size=24))
@example("\u00a8")  # a space with an accent
def test_names_that_are_the_same_nickname_have_the_same_skeleton(raw: str) -> None:
    try:
        name = clean_nickname(raw)
    except QuizrunError:
        return
    assert skeleton(name)
    for variant in (name.upper(), name.lower(), name.replace(" ", "")):
        if nickname_key(variant) == nickname_key(name):
            assert skeleton(variant) == skeleton(name)
