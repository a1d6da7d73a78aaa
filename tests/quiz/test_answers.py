from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.answers import correct_share, parse_answer
from quiz.content import QuestionType
from quiz.errors import ErrorCode, QuizrunError
from tests.quiz.examples import code_of, question

TYPES: tuple[QuestionType, ...] = (
    "single", "multiple", "boolean", "number", "text", "order", "poll", "slide",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(kind=st.sampled_from(TYPES), raw=JSON)
def test_any_json_is_parsed_or_refused_with_a_code(kind: QuestionType, raw: Any) -> None:
    try:
        answer = parse_answer(kind, 4, raw)
    except QuizrunError as refused:
        assert code_of(refused) is ErrorCode.ANSWER_INVALID
    else:
        assert parse_answer(kind, 4, answer) == answer


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("single", 4), ("single", -1), ("single", True), ("single", 1.0), ("single", "1"),
        ("single", None), ("single", [1]), ("boolean", 2), ("boolean", True), ("poll", 4),
        ("multiple", []), ("multiple", [0, 0]), ("multiple", [4]), ("multiple", 1),
        ("multiple", [True]), ("multiple", list(range(10_000))), ("order", [0, 1, 2]),
        ("order", [0, 1, 2, 2]), ("order", [0, 1, 2, 4]), ("number", "7"), ("number", True),
        ("number", float("nan")), ("number", float("inf")), ("number", 10**16), ("text", ""),
        ("number", 10**400), ("number", -(10**15) - 1), ("text", "a\ud800"),
        ("text", "   "), ("text", 5), ("text", "x" * 201), ("text", "a\x07"), ("slide", 0),
        ("text", "\u202elivE"), ("text", "a\u2066b"), ("text", "\u0301a"),
        ("text", "Z\u0335\u0336\u0337\u0338o"),
    ],
)  # fmt: skip
def test_an_answer_of_the_wrong_shape_is_refused(kind: QuestionType, raw: Any) -> None:
    with pytest.raises(QuizrunError) as refused:
        parse_answer(kind, 4, raw)
    assert code_of(refused.value) is ErrorCode.ANSWER_INVALID


@pytest.mark.parametrize(
    ("kind", "answer", "share"),
    [
        ("single", 0, 1), ("single", 1, 0), ("boolean", 0, 1), ("boolean", 1, 0),
        ("multiple", [0, 1, 3], 1), ("multiple", [0], Fraction(1, 3)),
        ("multiple", [0, 2], 0), ("multiple", [0, 1, 2], Fraction(1, 3)),
        ("multiple", [0, 1, 2, 3], Fraction(2, 3)), ("multiple", [2], 0),
        ("number", 1815, 1), ("number", 1820, 1), ("number", 1810.0, 1), ("number", 1820.001, 0),
        ("text", "sampa", 1), ("text", "sao  PAULO", 1), ("text", "Rio", 0), ("text", "!", 0),
        ("poll", 1, 0),
    ],
)  # fmt: skip
def test_the_correct_share_of_an_answer(kind: str, answer: Any, share: Fraction) -> None:
    assert correct_share(question(kind), answer) == share


@given(st.permutations(range(4)))
def test_order_earns_the_share_of_items_in_place_as_shown(shown: list[int]) -> None:
    order = question("order")
    in_right_order = sorted(range(4), key=lambda index: shown[index])
    assert correct_share(order, in_right_order, tuple(shown)) == 1
    swapped = [in_right_order[1], in_right_order[0], *in_right_order[2:]]
    assert correct_share(order, swapped, tuple(shown)) == Fraction(1, 2)


@given(st.integers(-1000, 1000), st.integers(0, 100))
def test_a_decimal_at_the_edge_of_the_tolerance_counts(tenths: int, tolerance: int) -> None:
    number = question("number").model_copy(
        update={
            "correct": question("number").correct.model_copy(  # type: ignore[union-attr]
                update={"value": tenths / 10, "tolerance": tolerance / 10}
            )
        }
    )
    assert correct_share(number, (tenths + tolerance) / 10) == 1
    assert correct_share(number, (tenths + tolerance + 1) / 10) == 0


@pytest.mark.parametrize(
    ("kind", "raw", "parsed"),
    [
        ("single", 3, 3),
        ("poll", 0, 0),
        ("boolean", 1, 1),
        ("multiple", [3, 1], [1, 3]),
        ("order", [3, 1, 0, 2], [3, 1, 0, 2]),
        ("text", "  Oslo ", "Oslo"),
        ("number", 2.5, 2.5),
        ("number", 7, 7),
        ("number", -(10**15), -(10**15)),
        ("text", "x", "x"),
        ("text", "می\u200cنا", "می\u200cنا"),
        ("text", "x" * 200, "x" * 200),
    ],
)
def test_a_valid_answer_has_one_form(kind: QuestionType, raw: Any, parsed: Any) -> None:
    answer = parse_answer(kind, 4, raw)
    assert (type(answer), answer) == (type(parsed), parsed)


@pytest.mark.parametrize(("kind", "raw"), [("single", 4), ("multiple", [4])])
def test_a_refusal_names_the_options_that_there_are(kind: QuestionType, raw: Any) -> None:
    with pytest.raises(QuizrunError, match="from 0 to 3"):
        parse_answer(kind, 4, raw)
