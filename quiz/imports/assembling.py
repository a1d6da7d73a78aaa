"""Assemble a question from its parts; the type is inferred unless it is given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from quiz.imports.parsed import Doubt, ParsedQuestion
from quiz.imports.words import FALSE_WORDS, TRUE_WORDS, TYPES, plain, truth
from quiz.limits import MAX_OPTIONS

_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:[.,]\d{0,15})?|[.,]\d{1,15})")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3}){1,4}")
_SEPARATORS = re.compile(r"\s*[,;|/&+]\s*|\s+(?:and|und|et|y)\s+|\s+")


@dataclass(slots=True)
class Parts:
    """The parts of a question in a table row or a block of text."""

    row: int
    question: str = ""
    kind: str = ""
    options: list[str] = field(default_factory=list)
    marked: set[int] = field(default_factory=set)
    """The indices of options marked as correct in place."""
    correct: str = ""
    explanation: str = ""
    time_limit_s: str = ""
    points: str = ""
    tolerance: str = ""
    picture: str = ""
    alt: str = ""


def assemble(parts: Parts) -> ParsedQuestion:
    """Build a question in the native format, incomplete if parts are missing or unclear."""
    doubts: list[Doubt] = []
    if not parts.question.strip() and not parts.alt.strip():
        doubts.append(Doubt("question_missing"))
    if len(parts.options) > MAX_OPTIONS:
        doubts.append(Doubt("options_many", str(len(parts.options))))
        parts.options = parts.options[:MAX_OPTIONS]
    document: dict[str, Any] = {"type": "", "text": parts.question.strip()}
    kind = TYPES.get(plain(parts.kind), "")
    if parts.kind.strip() and not kind:
        doubts.append(Doubt("type_unknown", parts.kind))
    document |= _answers(parts, kind, doubts)
    if parts.explanation.strip():
        document["explanation"] = parts.explanation.strip()
    if parts.picture.strip():
        document["media"] = {"url": parts.picture.strip(), "alt": parts.alt.strip()}
    for name in ("time_limit_s", "points"):
        typed = getattr(parts, name).strip()
        if typed and (value := number(typed)) is not None:
            document[name] = round(value)
        elif typed:
            doubts.append(Doubt("number_unreadable", typed))
    return ParsedQuestion(parts.row, document, doubts)


def _answers(parts: Parts, kind: str, doubts: list[Doubt]) -> dict[str, Any]:
    if kind == "slide":
        return {"type": "slide"}
    if kind == "boolean" or (not kind and _is_truth(parts)):
        return _truth(parts, doubts)
    if parts.options and kind in ("order", "poll"):
        return {"type": kind, "options": parts.options}
    if parts.options and kind in ("", "single", "multiple"):
        return _choice(parts, kind, doubts)
    return _typed(parts, kind, doubts)


def _choice(parts: Parts, kind: str, doubts: list[Doubt]) -> dict[str, Any]:
    correct = set(parts.marked)
    if parts.correct.strip():
        named = _named(parts.correct, parts.options)
        if named is None:
            doubts.append(Doubt("answer_unknown", parts.correct))
        correct |= named or set()
    if not correct and not parts.correct.strip():
        doubts.append(Doubt("answer_missing"))
    kind = kind or ("multiple" if len(correct) > 1 else "single")
    return {"type": kind, "options": parts.options, "correct": sorted(correct)}


def _named(correct: str, options: list[str]) -> set[int] | None:
    """The options that `correct` names by text, number or letter; None if one is unknown."""
    texts = {plain_text(option): at for at, option in enumerate(options)}
    if (at := texts.get(plain_text(correct))) is not None:
        return {at}
    for tokens in (re.split(r"\s*[;|\n]\s*", correct), _SEPARATORS.split(correct.strip(" .)"))):
        picks = [_option_index(token, texts, len(options)) for token in tokens if token.strip()]
        if picks and None not in picks:
            return {at for at in picks if at is not None}
    return None


def _option_index(token: str, texts: dict[str, int], count: int) -> int | None:
    if (at := texts.get(plain_text(token))) is not None:
        return at
    word = token.strip(" .)(").casefold()
    if word.isascii() and word.isdecimal() and len(word) < 3:
        at = int(word) - 1
    elif len(word) == 1 and "a" <= word <= "l":
        at = ord(word) - ord("a")
    else:
        return None
    return at if 0 <= at < count else None


def plain_text(text: str) -> str:
    """Fold case and white space, to compare cells of a table."""
    return " ".join(text.split()).casefold()


def _is_truth(parts: Parts) -> bool:
    if parts.options:
        words = [plain(option) for option in parts.options]
        return len(words) == 2 and words[0] in TRUE_WORDS and words[1] in FALSE_WORDS
    return plain(parts.correct) in TRUE_WORDS | FALSE_WORDS


def _truth(parts: Parts, doubts: list[Doubt]) -> dict[str, Any]:
    named = _named(parts.correct, parts.options) if parts.options else None
    option = min(named or parts.marked, default=None)
    value = truth(parts.correct) if option is None else option == 0
    if value is None:
        missing = not parts.correct.strip()
        doubts.append(Doubt("answer_missing" if missing else "answer_unknown", parts.correct))
    return {"type": "boolean", "correct": [] if value is None else [0 if value else 1]}


def _typed(parts: Parts, kind: str, doubts: list[Doubt]) -> dict[str, Any]:
    # Accepted answers are in one cell, separated by bars or semicolons, or in the option columns.
    listed = [*re.split(r"\s*[|;\n]\s*", parts.correct), *parts.options]
    accepted = [text.strip() for text in listed if text.strip()]
    value = number(accepted[0]) if len(accepted) == 1 else None
    if kind == "number" or (not kind and value is not None):
        if value is None:
            doubts.append(
                Doubt("number_unreadable" if accepted else "answer_missing", parts.correct)
            )
        allowed = number(parts.tolerance) if parts.tolerance.strip() else 0
        if allowed is None:
            doubts.append(Doubt("number_unreadable", parts.tolerance))
        solution = {"value": 0 if value is None else value, "tolerance": abs(allowed or 0)}
        return {"type": "number", "correct": solution if value is not None else {}}
    if not accepted:
        doubts.append(Doubt("answer_missing"))
    return {"type": "text" if kind in ("", "text") else kind, "correct": {"accepted": accepted}}


def number(text: str) -> float | None:
    """Parse the number in a cell; None if it is not a number, or is ambiguous (“1,234”)."""
    typed = text.strip().replace("−", "-")
    if _GROUPED.fullmatch(typed):
        marks = set(re.sub(r"[\d+-]", "", typed))
        groups = len(re.findall(r"\D\d{3}", typed.lstrip("+-")))
        if marks & set(".,") and groups == 1:
            return None
        typed = re.sub(r"[^\d+-]", "", typed) if len(marks) == 1 else ""
    if not _NUMBER.fullmatch(typed):
        return None
    value = float(typed.replace(",", "."))
    return int(value) if value == int(value) else value
