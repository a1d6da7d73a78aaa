"""The filter refuses rude names in four languages, and blocks no innocent ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.errors import ErrorCode, QuizrunError
from quiz.generated_names import all_names
from quiz.profanity import check_suitable, is_profane

RUDE = {
    "en": [
        "fuck",
        "FUCK",
        "f u c k",
        "f.u.c.k",
        "f_u_c_k",
        "fuuuck",
        "f*ck",
        "fück",
        "fuсk",
        "Ｆｕｃｋ",
        "xX_Fuck_Xx",
        "FuckYou",
        "motherfucker99",
        "sh1t",
        "5hit",
        "$hit",
        "b!tch",
        "Nazi 88",
        "h1tler",
    ],
    "de": [
        "Arschloch",
        "A r s c h",
        "Hurens0hn",
        "Scheiße",
        "SCHEISSE",
        "Ficker",
        "Wichser",
        "Schlampe",
        "fuck",
    ],
    "fr": ["merde", "enculé", "encule", "Connard", "pute", "salop", "nique", "fuck"],
    "es": [
        "puta",
        "put4",
        "p.u.t.a",
        "gilipollas",
        "cabrón",
        "cabron",
        "coño",
        "pendejo",
        "mierda",
        "fuck",
    ],
}
INNOCENT = {
    "any": [
        "Scunthorpe",
        "Penistone",
        "Essex",
        "Cockburn",
        "Hancock",
        "Peacock",
        "Dickens",
        "Cassandra",
        "Assistant",
        "Class 5A",
        "Bass",
        "Massimo",
        "Arsenal",
        "Titus",
        "Uranus",
        "Matsushita",
        "Fukushima",
        "Mississippi",
        "Shiva",
        "Analena",
        "Therese",
        "Sextus",
        "Kunta",
        "Kösemen",
        "Peter",
        "Hans-Peter",
        "Horst",
        "Gay Lussac",
        "Grapefruit",
        "Butt",
        "Hooker",
        "Kike",
        "Lolita",
    ],
    "en": ["Bitte", "Puta", "Mist"],
    "de": ["Dick", "Fuchs", "Kakadu", "Mose", "Fagott", "Kuckuck", "Nackt", "Bonze"],
    "fr": ["Conn", "Gerber", "Folle", "Culture", "Habite", "Député", "Chateau", "Putois", "Salomé"],
    "es": [
        "Concha",
        "Marica",
        "Computadora",
        "Diputado",
        "Reputación",
        "Martillo",
        "Heroína",
        "Cúcuta",
    ],
}


@pytest.mark.parametrize(("language", "name"), [(one, name) for one in RUDE for name in RUDE[one]])
def test_rude_names_are_refused(language: str, name: str) -> None:
    with pytest.raises(QuizrunError) as refused:
        check_suitable(name, language)
    assert refused.value.code is ErrorCode.NICKNAME_UNSUITABLE
    assert name not in refused.value.message


@pytest.mark.parametrize("language", list(RUDE))
def test_innocent_names_are_not_blocked(language: str) -> None:
    names = [
        *INNOCENT["any"],
        *INNOCENT[language],
        "中文",
        "Мария",
        "مريم",
        "🦊",
        "x",
        "Player 123",
    ]
    assert [name for name in names if is_profane(name, language)] == []
    check_suitable(names[0], language)


@pytest.mark.parametrize("language", list(RUDE))
@pytest.mark.parametrize("name", ["Player {}", "bot {}", "p{}", "t{}", "Anna{}", "{}"])
def test_numbers_are_not_read_as_words(language: str, name: str) -> None:
    numbers = [*range(1_000), 8_008, 80_085]
    names = [name.format(number) for number in numbers]
    assert [name for name in names if is_profane(name, language)] == []


@pytest.mark.parametrize("language", list(RUDE))
def test_generated_names_are_suitable(language: str) -> None:
    assert [name for name in all_names(language)[::7] if is_profane(name, language)] == []


@given(st.text(max_size=24), st.sampled_from(["en", "de", "fr", "es", "sw"]))
def test_any_text_can_be_checked(text: str, language: str) -> None:
    assert is_profane(text, language) in (True, False)
