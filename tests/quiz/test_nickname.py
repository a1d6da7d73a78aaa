from __future__ import annotations

from typing import Any

import pytest

from quiz.errors import ErrorCode, QuizrunError
from quiz.nickname import clean_nickname, nickname_key


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Ada", "Ada"),
        ("  Ada   L. ", "Ada L."),
        ("مريم", "مريم"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("x" * 24, "x" * 24),
    ],
)
def test_names_in_any_script_are_allowed(raw: str, clean: str) -> None:
    assert clean_nickname(raw) == clean


@pytest.mark.parametrize(
    "raw",
    ["", " ", "x" * 25, "a\nb", "a\x00", "\u202eevil", "\u200b", "\u200d", "\ud800", "x" * 10**6,
     None, 7, True, ["Ada"], {"nickname": "Ada"}],
)  # fmt: skip
def test_other_names_are_refused(raw: Any) -> None:
    with pytest.raises(QuizrunError) as refused:
        clean_nickname(raw)
    assert refused.value.code is ErrorCode.NICKNAME_INVALID


@pytest.mark.parametrize(("one", "two"), [("Ada", "ADA"), ("A da", "Ada"), ("Ａda", "ada")])
def test_lookalike_names_have_the_same_key(one: str, two: str) -> None:
    assert nickname_key(clean_nickname(one)) == nickname_key(clean_nickname(two))
