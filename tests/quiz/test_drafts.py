from __future__ import annotations

from typing import Any

import pytest

from quiz.drafts import MAX_QUESTION_VALUES, MAX_TEXT_CHARS, parse_draft
from quiz.errors import ErrorCode, QuizrunError

EMPTY = {"title": "", "language": "en", "questions": []}


def test_a_draft_may_be_incomplete() -> None:
    assert parse_draft(EMPTY).document() == EMPTY
    half = {**EMPTY, "questions": [{"type": "single", "text": "", "options": [{"text": ""}]}]}
    assert parse_draft(half).document() == half


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x" * 201},
        {"title": None},
        {"language": "x" * 36},
        {"questions": [{}] * 501},
        {"questions": ["?"]},
        {"questions": [{"text": "x" * (MAX_TEXT_CHARS + 1)}]},
        {"questions": [{"options": [0] * MAX_QUESTION_VALUES}]},
        {"questions": [{"text": "a\0b"}]},
        {"questions": [{"text": "\ud800"}]},
        {"more": 1},
    ],
)
def test_a_draft_is_bounded_in_size_and_shape(change: dict[str, Any]) -> None:
    with pytest.raises(QuizrunError) as refused:
        parse_draft({**EMPTY, **change})
    assert refused.value.code is ErrorCode.QUIZ_INVALID
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("document", [None, [], "x", {}, {"title": "x"}])
def test_a_malformed_draft_is_refused(document: object) -> None:
    with pytest.raises(QuizrunError):
        parse_draft(document)
