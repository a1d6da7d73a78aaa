"""Render mail templates as plain text and HTML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypedDict

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

LANGUAGES = ("en", "de", "fr", "es")
DEFAULT_LANGUAGE = "en"


class Text(TypedDict):
    """A mail: `lines` before the link, `button` as its text, and `note` after it."""

    subject: str
    lines: list[str]
    button: str
    note: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered mail."""

    subject: str
    text: str
    html: str


def known_language(language: str | None) -> str:
    """Return `language` if it has texts, else the default."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def render(template: str, language: str, details: dict[str, Any]) -> Rendered:
    """Render a template with `details`; `url`, if present, becomes the link."""
    texts = _texts(language)
    text: Text = texts[template]
    values = {
        "lines": [line.format_map(details) for line in text["lines"]],
        "button": text["button"],
        "note": text["note"].format_map(details),
        "url": details.get("url"),
        "footer": texts["footer"],
        "language": language,
        "subject": text["subject"].format_map(details),
    }
    layout = _layouts()
    return Rendered(
        _one_line(values["subject"]),
        layout.get_template("mail.txt").render(values),
        layout.get_template("mail.html").render(values),
    )


@cache
def _texts(language: str) -> Any:
    source = files("gateway.mail").joinpath("texts", f"{language}.json")
    return json.loads(source.read_text(encoding="utf-8"))


@cache
def _layouts() -> Environment:
    return Environment(
        loader=PackageLoader("gateway.mail", "layouts"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _one_line(subject: str) -> str:
    # A line break would start another header.
    return " ".join(subject.split())
