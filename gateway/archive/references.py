"""Find and replace media URLs in a quiz document, which may be invalid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

UPLOADED = re.compile(r"/media/([0-9a-f]{64})")
"""The URL of an upload; the group is its id."""

Rename = Callable[[str], str]


def references(document: Any) -> Iterator[str]:
    """Yield every `url` of a picture or sound, including repeated ones."""
    for place in _places(document):
        yield place["url"]


def replace_urls(document: Any, rename: Rename) -> Any:
    """Return a copy of the document with `rename` applied to each URL.

    Shares unchanged parts with the original, which is not modified.
    """
    if not isinstance(document, dict) or not isinstance(document.get("questions"), list):
        return document
    return {**document, "questions": [_replaced(item, rename) for item in document["questions"]]}


def _replaced(question: Any, rename: Rename) -> Any:
    if not isinstance(question, dict):
        return question
    changed = dict(question)
    for name in ("media", "audio"):
        if _is_place(question.get(name)):
            changed[name] = _moved(question[name], rename)
    if isinstance(question.get("option_media"), list):
        changed["option_media"] = [
            _moved(item, rename) if _is_place(item) else item for item in question["option_media"]
        ]
    return changed


def _moved(place: dict[str, Any], rename: Rename) -> dict[str, Any]:
    return {**place, "url": rename(place["url"])}


def _places(document: Any) -> Iterator[dict[str, Any]]:
    questions = document.get("questions") if isinstance(document, dict) else None
    for question in questions if isinstance(questions, list) else ():
        if not isinstance(question, dict):
            continue
        pictures = question.get("option_media")
        options = pictures if isinstance(pictures, list) else ()
        for place in (question.get("media"), question.get("audio"), *options):
            if _is_place(place):
                yield place


def _is_place(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("url"), str)
