from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("1\ufe0f\u20e3 ♥\ufe0f", "1\ufe0f\u20e3 ♥\ufe0f"),
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        ("ẹ̀ṣọ́", "ẹ̀ṣọ́"),
        ("सुनीता", "सुनीता"),
        ("क्\u200dष", "क्\u200dष"),
        ("ก้อง", "ก้อง"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("مُحَمَّد", "مُحَمَّد"),
        ("한국", "한국"),
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


@pytest.mark.parametrize(
    "raw",
    [
        *("\u034f", "\u115f", "\u1160", "\u17b4", "\u180b", "\u2800", "\u3164", "\uffa0", "\ufffc"),
        *("\u00ad", "\u061c", "\u200e", "\u202e", "\u2066", "\u2069", "\ufe00", "\U000e0041"),
        *("\U000e0100", "\U0001d159", "\ufe0f", "\u200d"),
    ],
)
def test_invisible_characters_and_directional_controls_are_refused(raw: str) -> None:
    for name in (raw, f"A{raw}da", f"{raw}Ada", f"Ada{raw}"):
        with pytest.raises(QuizrunError, match=r"invisible|characters"):
            clean_nickname(name)


@pytest.mark.parametrize(
    "raw",
    [
        "Z̵̡̢a̷l̶g̸o",
        "A" + "\u0334" * 3,
        "\u0301Ada",
        "Ada \u0301",
        "x\u0304\u0304",
        "x\u0325\u0306\u0307",
        "\ufdfa" * 8,
    ],
)
def test_piles_of_accents_and_very_wide_characters_are_refused(raw: str) -> None:
    with pytest.raises(QuizrunError):
        clean_nickname(raw)


@given(st.text(max_size=30))
def test_an_accepted_name_is_seen_stable_and_not_tall(raw: str) -> None:
    try:
        name = clean_nickname(raw)
    except QuizrunError:
        return
    assert clean_nickname(name) == name
    categories = [unicodedata.category(char) for char in name]
    assert any(category[0] in "LNSP" for category in categories)
    row = "".join("m" if category in ("Mn", "Me") else "." for category in categories)
    assert "m" * 5 not in row
    assert not row.startswith("m")


@pytest.mark.parametrize(
    ("one", "two"), [("♥", "♥\ufe0f"), ("Ada", "ADA"), ("A da", "Ada"), ("Ａda", "ada")]
)
def test_lookalike_names_have_the_same_key(one: str, two: str) -> None:
    assert nickname_key(clean_nickname(one)) == nickname_key(clean_nickname(two))
