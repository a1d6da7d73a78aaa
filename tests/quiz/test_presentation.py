from __future__ import annotations

from typing import Any

import pytest

from quiz.content import parse_quiz
from quiz.presentation import distribution, public_question, shown_for, solution
from tests.quiz.examples import changed, every_type, question


def test_a_public_question_has_no_solution_and_no_explanation() -> None:
    for index, item in enumerate(every_type().questions):
        shown = public_question(item, index, 8, "seed").model_dump(exclude_none=True)
        assert set(shown) <= {
            "question", "question_count", "type", "text", "options", "media", "points",
            "time_limit_ms",
        }  # fmt: skip


def test_order_options_are_shuffled_and_the_solution_refers_to_the_shown_order() -> None:
    order = question("order")
    shown = public_question(order, 5, 8, "seed").options
    assert shown is not None
    assert [shown[index] for index in solution(order, 5, "seed")] == order.options  # type: ignore[union-attr]
    assert sorted(shown_for(order, 5, "seed")) == [0, 1, 2, 3]


def test_pictures_are_shuffled_with_their_options() -> None:
    pictures = [{"url": f"/media/{at}", "alt": f"Picture {at}"} for at in range(4)]
    (order,) = parse_quiz(changed("order", options=[""] * 4, option_media=pictures)).questions
    public = public_question(order, 5, 8, "seed")
    assert public.option_media is not None
    assert public.options == [picture and picture.alt for picture in public.option_media]
    assert public.options != [picture["alt"] for picture in pictures]


def test_players_get_the_sound() -> None:
    audio = {"url": "/media/" + "0" * 64, "text": "A bell"}
    (asked,) = parse_quiz(changed("single", audio=audio)).questions
    public = public_question(asked, 0, 1, "seed").model_dump(exclude_none=True)
    assert public["audio"] == audio
    assert "audio" not in public_question(question("single"), 0, 1, "s").model_dump(
        exclude_none=True
    )


def test_polls_and_slides_give_no_points() -> None:
    assert public_question(question("poll"), 0, 1, "s").points == 0
    assert public_question(question("slide"), 0, 1, "s").points == 0


ORDER = shown_for(question("order"), 5, "seed")
IN_ORDER = solution(question("order"), 5, "seed")


@pytest.mark.parametrize(
    ("kind", "answers", "expected"),
    [
        ("single", [(0, 3), (1, 2)], [3, 2]),
        ("boolean", [(1, 4)], [0, 4]),
        ("multiple", [([0, 1], 2), ([0, 1, 3], 1)], [3, 3, 0, 1]),
        ("text", [("Rio", 2), ("são paulo", 2), ("Sao Paulo", 1)],
         [{"answer": "são paulo", "count": 3, "correct": True},
          {"answer": "Rio", "count": 2, "correct": False}]),
        ("number", [(1811, 1), (1800, 5)],
         [{"answer": 1800, "count": 5, "correct": False},
          {"answer": 1811, "count": 1, "correct": True}]),
        ("order", [(IN_ORDER, 2), (IN_ORDER[::-1], 1)],
         [{"answer": IN_ORDER, "count": 2, "correct": True},
          {"answer": IN_ORDER[::-1], "count": 1, "correct": False}]),
        ("poll", [(0, 3)], [3, 0]),
        ("slide", [], []),
    ],
)  # fmt: skip
def test_distribution(kind: str, answers: Any, expected: Any) -> None:
    asked = question(kind)
    shown = ORDER if kind == "order" else shown_for(asked, 0, "seed")
    assert distribution(asked, answers, shown) == expected


def test_only_the_ten_most_frequent_free_answers_are_listed() -> None:
    listed = distribution(question("number"), [(n, n) for n in range(1, 100)], ())
    assert [line["answer"] for line in listed] == list(range(99, 89, -1))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("multiple", [0, 1, 3]),
        ("number", {"value": 1815, "tolerance": 5}),
        ("text", {"accepted": ["São Paulo", "Sampa"]}),
        ("poll", None),
        ("slide", None),
    ],
)
def test_each_type_has_its_solution(kind: str, expected: Any) -> None:
    assert solution(question(kind), 0, "seed") == expected


def test_nobody_answers_a_slide_and_strange_picks_count_for_nothing() -> None:
    assert distribution(question("slide"), [], ()) == []
    assert distribution(question("boolean"), [(0, 2), (7, 1)], ()) == [2, 0]
