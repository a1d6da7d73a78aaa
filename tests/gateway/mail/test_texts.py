from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from gateway.mail.texts import LANGUAGES, known_language, render


def texts(language: str) -> dict[str, Any]:
    source = files("gateway.mail").joinpath("texts", f"{language}.json")
    loaded: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return loaded


def placeholders(text: Any) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", json.dumps(text, ensure_ascii=False)))


TEMPLATES = sorted(set(texts("en")) - {"footer"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_mail_with_the_same_values(language: str) -> None:
    assert set(texts(language)) == {*TEMPLATES, "footer"}
    for name in TEMPLATES:
        assert placeholders(texts(language)[name]) == placeholders(texts("en")[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_text_and_html_of_a_mail_agree(template: str, language: str) -> None:
    values = {name: f"<{name}> & co" for name in placeholders(texts("en")[template])}
    mail = render(template, language, {**values, "url": "https://quiz.example/x?a=1&b=2"})
    assert "https://quiz.example/x?a=1&b=2" in mail.text
    assert "https://quiz.example/x?a=1&amp;b=2" in mail.html
    for value in values.values():
        assert value in mail.text
        assert value not in mail.html
    assert f'lang="{language}"' in mail.html


def test_a_name_with_a_line_break_adds_no_header() -> None:
    mail = render("verify_email", "en", {"name": "A\r\nBcc: b@c.example", "email": "e", "url": "u"})
    assert "\n" not in mail.subject


def test_unknown_languages_fall_back_to_english() -> None:
    assert [known_language(language) for language in ("de", "xx", None)] == ["de", "en", "en"]


def test_french_has_fixed_spaces_before_its_punctuation() -> None:
    found = json.dumps(texts("fr"), ensure_ascii=False, separators=(",", " "))
    assert not re.findall(r"[^\u00a0\u202f?!][?!;:](?!//)|«[^\u00a0]|[^\u00a0]»", found)
