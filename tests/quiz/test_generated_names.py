from __future__ import annotations

import pytest

from quiz.generated_names import all_names, generated_name, is_generated, language_of
from quiz.nickname import clean_nickname

LANGUAGES = ("en", "de", "fr", "es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_generated_name_is_a_nickname_even_with_a_number(language: str) -> None:
    names = all_names(language)
    assert len(set(names)) == len(names) > 1_000
    for name in names:
        assert clean_nickname(f"{name} 99") == f"{name} 99"


def test_adjectives_agree_with_their_animals() -> None:
    german = all_names("de")
    assert {"Kluger Igel", "Kluge Eule", "Kluges Zebra", "Weiser Dachs"} <= set(german)
    assert {"Renard rusé", "Chouette rusée"} <= set(all_names("fr"))
    assert {"Zorro listo", "Nutria lista"} <= set(all_names("es"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_repeated_request_is_offered_the_same_name(language: str) -> None:
    offers = [generated_name(language, "a secret", attempt) for attempt in range(12)]
    assert offers == [generated_name(language, "a secret", attempt) for attempt in range(12)]
    assert len(set(offers)) > 8
    assert all(is_generated(name, language) for name in offers)


def test_other_names_are_not_recognised_as_generated() -> None:
    for name in ("Ada", "Clever", "Clever Fox 123", "Rude Fox", "Clever Fox x"):
        assert not is_generated(name, "en")


def test_a_quiz_in_another_language_gets_english_names() -> None:
    assert [language_of(tag) for tag in ("de-AT", "fr", "pt-BR", None)] == ["de", "fr", "en", "en"]
