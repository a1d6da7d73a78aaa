"""Answers: drawn at random for bots, read from what a person types, and written for people."""

from __future__ import annotations

import random
import re
from typing import Any

Message = dict[str, Any]

_WORDS = ("Paris", "forty-two", "a blue whale", "gold", "Ada Lovelace", "no idea")
_TRUE = frozenset({"1", "t", "true", "y", "yes"})
_FALSE = frozenset({"2", "f", "false", "n", "no"})
BOOLEANS = ("True", "False")


def options_of(shown: Message) -> list[str]:
    """The options to pick from, as shown; none for free answers."""
    return list(BOOLEANS) if shown["type"] == "boolean" else list(shown.get("options", ()))


def guess(shown: Message, rng: random.Random) -> Any:
    """A valid answer of somebody who has no idea. `shown` is a question as players get it."""
    count = len(options_of(shown))
    match shown["type"]:
        case "single" | "poll" | "boolean":
            return rng.randrange(count)
        case "multiple":
            return sorted(rng.sample(range(count), rng.randint(1, count)))
        case "order":
            return rng.sample(range(count), count)
        case "number":
            return rng.randint(0, 400)
        case _:
            return rng.choice(_WORDS)


def knowing(shown: Message, quiz: Message, rng: random.Random) -> Any:
    """The answer of somebody who knows. `quiz` is the quiz in its native format."""
    question = quiz["questions"][shown["question"]]
    correct = question.get("correct")
    match shown["type"]:
        case "single" | "boolean":
            return correct[0]
        case "multiple":
            return sorted(correct)
        case "order":  # written in the right order, shown in another
            return [shown["options"].index(option) for option in question["options"]]
        case "number":
            value, tolerance = correct["value"], int(correct.get("tolerance", 0))
            return value + rng.randint(-tolerance, tolerance)
        case "text":
            return rng.choice(correct["accepted"])
        case _:
            return guess(shown, rng)


def how_to_answer(shown: Message) -> str:
    """What to type, in one sentence."""
    count = len(options_of(shown))
    return {
        "single": f"Type the number of your answer (1 to {count}).",
        "poll": f"Type the number of your choice (1 to {count}).",
        "boolean": "Type 1 (true) or 2 (false).",
        "multiple": "Type the numbers of all that are right, like 1 3.",
        "order": f"Type all {count} numbers in the right order, like 2 1 3.",
        "number": "Type a number.",
        "text": "Type your answer.",
        "slide": "Nothing to answer, only to read.",
    }[shown["type"]]


def typed(shown: Message, text: str) -> Any:
    """The answer in what a person has typed. Raises `ValueError` with what to type instead."""
    text, kind, count = text.strip(), shown["type"], len(options_of(shown))
    if kind == "boolean" and text.lower() in _TRUE | _FALSE:
        return 0 if text.lower() in _TRUE else 1
    if kind == "text" and text:
        return text
    if kind == "number":
        return _number(shown, text.replace(",", "."))
    numbers = [int(part) - 1 for part in re.findall(r"\d+", text)]
    valid = len(set(numbers)) == len(numbers) and all(0 <= one < count for one in numbers)
    wanted = {"single": 1, "poll": 1, "boolean": 1, "order": count}.get(kind, len(numbers))
    if kind in {"text", "slide"} or not valid or not numbers or len(numbers) != wanted:
        raise ValueError(how_to_answer(shown))
    return numbers if kind in {"multiple", "order"} else numbers[0]


def _number(shown: Message, text: str) -> int | float:
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"[+-]?\d{0,15}\.\d{1,15}", text):
        return float(text)
    raise ValueError(how_to_answer(shown))


def written(shown: Message, answer: Any) -> str:
    """An answer, or a solution as a reveal gives it, in words."""
    options = options_of(shown)
    if isinstance(answer, dict):
        if "accepted" in answer:
            return str(answer["accepted"][0])
        tolerance = answer.get("tolerance")
        return f"{answer['value']:g}" + (f" (± {tolerance:g})" if tolerance else "")
    if options:
        joint = " → " if shown["type"] == "order" else ", "
        picks = answer if isinstance(answer, list) else [answer]
        return joint.join(options[pick] for pick in picks)
    return str(answer)
