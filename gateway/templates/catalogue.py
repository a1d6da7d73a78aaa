"""The built-in templates, read once from the files beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson

from db.media import NewUpload
from gateway.archive.references import references, replace_urls
from gateway.media.inspect import inspect
from quiz.content import Quiz, parse_quiz
from quiz.errors import ErrorCode, QuizrunError

TemplateId = Literal["tour", "exit-ticket", "vocabulary", "estimate", "in-order"]
TEMPLATES: tuple[TemplateId, ...] = ("tour", "exit-ticket", "vocabulary", "estimate", "in-order")
"""In display order."""
LANGUAGES = ("en", "de", "fr", "es")
"""The first one is the fallback."""

_HERE = Path(__file__).parent
_PICTURE = "media/"


@dataclass(frozen=True, slots=True)
class Template:
    """A valid quiz in one language, its summary, and its pictures."""

    id: str
    summary: str
    quiz: Quiz
    media: tuple[NewUpload, ...]


def language_for(tag: str) -> str:
    """Return the template language for a BCP 47 tag, such as `de` for `de-AT`."""
    primary = tag.lower().split("-")[0]
    return primary if primary in LANGUAGES else LANGUAGES[0]


def templates(language: str) -> list[Template]:
    """Return all templates in the best language for a tag."""
    return [_read(one, language_for(language)) for one in TEMPLATES]


def template(template_id: str, language: str) -> Template:
    """Return a template in the best language for a tag. Raises `not_found`."""
    if template_id not in TEMPLATES:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such template.")
    return _read(template_id, language_for(language))


@cache
def _read(template_id: str, language: str) -> Template:
    path = _HERE / "data" / template_id / f"{language}.json"
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    names = dict.fromkeys(url for url in references(found["quiz"]) if url.startswith(_PICTURE))
    media = {name: _picture(name.removeprefix(_PICTURE)) for name in names}
    own = {name: f"/media/{picture.id}" for name, picture in media.items()}
    quiz = parse_quiz(replace_urls(found["quiz"], lambda url: own.get(url, url)))
    return Template(template_id, found["summary"], quiz, tuple(media.values()))


@cache
def _picture(name: str) -> NewUpload:
    return inspect((_HERE / "pictures" / name).read_bytes())
