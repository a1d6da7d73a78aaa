from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.generated_names import all_names
from quiz.lookalikes import looks


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "Аda"),  # Cyrillic
        ("Adam", "АDАM"),
        ("Tom", "Tοm"),  # Greek
        ("Iris", "lris"),
        ("Iris", "|ris"),
        ("Max 1", "Max l"),
        ("Bob", "B0b"),
        ("Arno", "Amo"),
        ("paypal", "𝔭𝒶ỿ𝕡𝕒ℓ"),
        ("Оскар", "Oскар"),
        ("♥", "♥\ufe0f"),
    ],
)
def test_names_that_look_alike_have_the_same_key(one: str, other: str) -> None:
    assert looks(one) == looks(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ella", "Elia"), ("Ann", "Änn"), ("Anna", "Hanna"), ("Team 2", "Team 3"), ("🦊", "🦉"),
     ("Анна", "Алла"), ("か", "が"), ("مريم", "مريمة")],
)  # fmt: skip
def test_names_of_different_people_stay_different(one: str, other: str) -> None:
    assert looks(one) != looks(other)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_generated_names_do_not_look_alike(language: str) -> None:
    names = all_names(language)
    assert len({looks(name) for name in names}) == len(names)


@given(st.text(min_size=1, max_size=24))
def test_the_key_is_never_empty_and_does_not_depend_on_the_encoding(name: str) -> None:
    assert looks(name)
    assert looks(unicodedata.normalize("NFD", name)) == looks(unicodedata.normalize("NFC", name))
