"""Parsing and marking answers, for each question type."""

from __future__ import annotations

import math
import unicodedata
from fractions import Fraction
from typing import Any, assert_never

from quiz.content import (
    BooleanQuestion,
    MultipleQuestion,
    NumberQuestion,
    OrderQuestion,
    PollQuestion,
    Question,
    QuestionType,
    SingleQuestion,
    Slide,
    TextQuestion,
)
from quiz.errors import ErrorCode, QuizrunError
from quiz.limits import MAX_ANSWER_CHARS
from quiz.normalise import normalise
from quiz.visible_text import BIDI_CONTROLS, piles_up

Answer = int | float | str | list[int]

MAX_NUMBER = 1e15
_NONE, _ALL = Fraction(0), Fraction(1)


def _invalid(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.ANSWER_INVALID, message)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def parse_answer(kind: QuestionType, option_count: int, raw: Any) -> Answer:
    """Validate `raw` (decoded JSON) as an answer to a `kind` question of `option_count` options.

    Gateways can validate answers, since the solution is not needed. Raises `QuizrunError`
    (`answer_invalid`).
    """
    match kind:
        case "single" | "poll" | "boolean":
            count = 2 if kind == "boolean" else option_count
            if not _is_int(raw) or not 0 <= raw < count:
                raise _invalid(f"The answer must be a whole number from 0 to {count - 1}.")
            return int(raw)
        case "multiple":
            picks = _indices(raw, option_count)
            if not picks:
                raise _invalid("Pick at least one option.")
            return sorted(picks)  # equal answers must be equal values
        case "order":
            picks = _indices(raw, option_count)
            if len(picks) != option_count:
                raise _invalid(f"The answer must list all {option_count} options in order.")
            return picks
        case "number":
            return _number(raw)
        case "text":
            return _text(raw)
        case "slide":
            raise _invalid("A slide cannot be answered.")
        case _ as unreachable:
            assert_never(unreachable)


def _indices(raw: Any, count: int) -> list[int]:
    # Check the length before the items: a giant list must cost nothing.
    if not isinstance(raw, list) or len(raw) > count:
        raise _invalid(f"The answer must be a list of at most {count} option numbers.")
    if not all(_is_int(item) and 0 <= item < count for item in raw):
        raise _invalid(f"Each option number must be from 0 to {count - 1}.")
    if len(set(raw)) != len(raw):
        raise _invalid("Each option may be listed only once.")
    return list(raw)


def _number(raw: Any) -> int | float:
    if not (_is_int(raw) or isinstance(raw, float)):
        raise _invalid("The answer must be a number.")
    if not (math.isfinite(raw) if isinstance(raw, float) else True) or abs(raw) > MAX_NUMBER:
        raise _invalid("The number is out of range.")
    return raw if isinstance(raw, int) else float(raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise _invalid("The answer must be text.")
    text = raw.strip()
    if not 1 <= len(text) <= MAX_ANSWER_CHARS:
        raise _invalid(f"The answer must have 1 to {MAX_ANSWER_CHARS} characters.")
    if any(unicodedata.category(char) in ("Cc", "Cs") or char in BIDI_CONTROLS for char in text):
        raise _invalid("The answer contains a control character.")
    if piles_up(unicodedata.normalize("NFC", text)):
        raise _invalid("The answer contains too many accents.")
    return text


def correct_share(question: Question, answer: Answer, shown: tuple[int, ...] = ()) -> Fraction:
    """Return the share of `answer` that is correct, from 0 to 1.

    `answer` must come from `parse_answer`. `shown[i]` is the index in the quiz of the i-th option
    as players saw it; only `order` questions, whose options are shuffled, need it.
    """
    match question:
        case SingleQuestion() | BooleanQuestion():
            return _ALL if answer == question.correct[0] else _NONE
        case MultipleQuestion():
            assert isinstance(answer, list)
            correct = set(question.correct)
            hits = len(correct.intersection(answer))
            misses = len(answer) - hits
            return Fraction(max(0, hits - misses), len(correct))
        case NumberQuestion():
            assert isinstance(answer, int | float)
            return _ALL if _within(float(answer), question) else _NONE
        case TextQuestion():
            assert isinstance(answer, str)
            typed = normalise(answer)
            accepted = any(typed == normalise(text) for text in question.correct.accepted)
            return _ALL if accepted else _NONE
        case OrderQuestion():
            assert isinstance(answer, list)
            in_place = sum(shown[pick] == place for place, pick in enumerate(answer))
            return Fraction(in_place, len(question.options))
        case PollQuestion() | Slide():
            return _NONE
        case _ as unreachable:
            assert_never(unreachable)


def _within(answer: float, question: NumberQuestion) -> bool:
    value, tolerance = question.correct.value, question.correct.tolerance
    # Allow a few ulps: 0.3 must be within 0.1 of 0.2, although 0.3 - 0.2 > 0.1 in binary.
    slack = 4 * math.ulp(max(abs(value), abs(answer), tolerance))
    return abs(answer - value) <= tolerance + slack
