"""The built-in templates are valid and complete in every language."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any, get_args

import pytest

from gateway.archive.references import references
from gateway.templates import catalogue
from gateway.templates.catalogue import LANGUAGES, TEMPLATES, Template, template, templates
from gateway.templates.drawing import FRACTIONS, png_of
from quiz.content import QuestionType
from quiz.errors import ErrorCode, QuizrunError

ALL = [template(one, language) for one in TEMPLATES for language in LANGUAGES]
EVERY = pytest.mark.parametrize("found", ALL, ids=lambda one: f"{one.id}-{one.quiz.language}")
FILES = Path(catalogue.__file__).parent


def test_the_client_has_the_same_languages() -> None:
    locales = FILES.parents[1] / "web" / "src" / "locales"
    assert {path.name for path in locales.iterdir() if path.is_dir()} == set(LANGUAGES)


def test_each_template_has_a_file_for_each_language_and_no_other() -> None:
    files = {path.relative_to(FILES / "data").as_posix() for path in FILES.glob("data/*/*")}
    assert files == {f"{one}/{language}.json" for one in TEMPLATES for language in LANGUAGES}


@EVERY
def test_a_template_has_a_language_and_a_summary(found: Template) -> None:
    assert found.quiz.language in LANGUAGES
    assert found.quiz is template(found.id, found.quiz.language).quiz
    assert 20 <= len(found.summary) <= 160
    assert len(found.quiz.title) <= 60


@EVERY
def test_a_template_uses_only_its_own_pictures(found: Template) -> None:
    shown = set(references(found.quiz.model_dump(mode="json")))
    assert shown == {f"/media/{picture.id}" for picture in found.media}


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_a_template_is_the_same_in_all_languages(template_id: str) -> None:
    skeletons = [_skeleton(template(template_id, language)) for language in LANGUAGES]
    assert all(one == skeletons[0] for one in skeletons)


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_no_text_was_left_untranslated(template_id: str) -> None:
    texts = [
        [question.text for question in template(template_id, language).quiz.questions]
        for language in LANGUAGES
    ]
    for versions in zip(*texts, strict=True):
        assert len(set(versions)) == len(LANGUAGES)


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_french_has_fixed_spaces_before_its_punctuation(template_id: str) -> None:
    found = template(template_id, "fr")
    texts = (found.summary, *_texts(found.quiz.model_dump(mode="json")))
    prose = re.sub(r"```.*?```|\$+[^$]+\$+", "", "\n".join(texts), flags=re.DOTALL)
    assert not re.findall(r"[^\u00a0\u202f?!][?!;:](?!//)|«[^\u00a0]|[^\u00a0]»", prose)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tour_shows_every_type_pictures_code_and_a_formula(language: str) -> None:
    quiz = template("tour", language).quiz
    assert {question.type for question in quiz.questions} == set(get_args(QuestionType))
    assert any(getattr(question, "option_media", None) for question in quiz.questions)
    texts = "".join(question.text for question in quiz.questions)
    assert "```python\n" in texts
    assert "$$" in texts


@pytest.mark.parametrize(
    ("tag", "language"), [("de-AT", "de"), ("FR", "fr"), ("pt-BR", "en"), ("en", "en")]
)
def test_a_language_without_templates_gets_english(tag: str, language: str) -> None:
    assert {one.quiz.language for one in templates(tag)} == {language}


def test_an_unknown_template_is_not_found() -> None:
    with pytest.raises(QuizrunError) as refused:
        template("../tour", "en")
    assert refused.value.code is ErrorCode.NOT_FOUND


def test_the_pictures_match_the_script() -> None:
    drawn = png_of(*FRACTIONS["half"])
    # compare pixels, because compressed data may differ between versions of zlib
    assert _pixels(drawn) == _pixels((FILES / "pictures" / "half.png").read_bytes())


def _texts(found: Any) -> list[str]:
    if isinstance(found, str):
        return [found]
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [text for part in parts for text in _texts(part)]


def _pixels(png: bytes) -> bytes:
    start = png.index(b"IDAT")
    size = int.from_bytes(png[start - 4 : start], "big")
    return zlib.decompress(png[start + 4 : start + 4 + size])


def _skeleton(found: Template) -> list[dict[str, Any]]:
    kept = ("type", "time_limit_s", "points")
    questions = json.loads(found.quiz.model_dump_json())["questions"]
    return [
        {
            **{name: question[name] for name in kept},
            "options": len(question.get("options") or ()),
            "correct": question.get("correct") if question["type"] != "text" else None,
        }
        for question in questions
    ]
