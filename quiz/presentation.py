"""A question as players may see it: before the reveal without a trace of its solution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from quiz.answers import Answer, share_right
from quiz.content import (
    BooleanQuestion,
    Media,
    MultipleQuestion,
    NumberQuestion,
    OptionsQuestion,
    OrderQuestion,
    PollQuestion,
    Question,
    QuestionType,
    SingleQuestion,
    Slide,
    Sound,
    TextQuestion,
)
from quiz.normalise import normalise
from quiz.shuffle import shown_order, solution_as_shown

TOP_ANSWERS = 10
"""How many different free answers a reveal lists."""


class PublicQuestion(BaseModel):
    """A question without its solution, its explanation and its times."""

    model_config = ConfigDict(frozen=True)

    question: int
    question_count: int
    type: QuestionType
    text: str
    options: list[str] | None = None
    option_media: list[Media | None] | None = None
    """A picture, or None, for each of `options`."""
    media: Media | None = None
    audio: Sound | None = None
    points: int
    time_limit_ms: int


def letter(index: int) -> str:
    """How an option is named where its text is not shown: A, B and so on."""
    return chr(ord("A") + index)


def on_big_screen(fields: dict[str, Any]) -> dict[str, Any]:
    """A question's fields without its texts, its picture and its sound: those are on the big
    screen. Options keep their place by a letter; what is put in order needs its words.
    """
    letters = fields.get("options") is not None and fields["type"] != "order"
    hidden = {"text", "media", "audio"} | ({"option_media"} if letters else set())
    bare = {name: value for name, value in fields.items() if name not in hidden}
    if letters:
        bare["options"] = [letter(index) for index in range(len(fields["options"]))]
    return bare | {"text": ""}


def shown_for(question: Question, index: int, seed: str) -> tuple[int, ...]:
    """The order in which `question`'s options appear in the run with this secret seed."""
    match question:
        case OrderQuestion():
            return shown_order(seed, index, len(question.options))
        case SingleQuestion() | MultipleQuestion() | PollQuestion():
            return tuple(range(len(question.options)))
        case _:
            return ()


def public_question(question: Question, index: int, count: int, seed: str) -> PublicQuestion:
    """What players get of question `index` (0-based) of `count`; `points` is 0 if it gives none."""
    options: list[str] | None = None
    option_media: list[Media | None] | None = None
    if isinstance(question, OptionsQuestion):
        shown = shown_for(question, index, seed)
        options = [question.options[place] for place in shown]
        if question.option_media is not None:
            option_media = [question.option_media[place] for place in shown]
    return PublicQuestion(
        question=index,
        question_count=count,
        type=question.type,
        text=question.text,
        options=options,
        option_media=option_media,
        media=question.media,
        audio=question.audio,
        points=question.points if question.scored else 0,
        time_limit_ms=question.time_limit_ms,
    )


def solution(question: Question, index: int, seed: str) -> Any:
    """The right answer as JSON, in terms of the options as shown; None where there is none."""
    match question:
        case SingleQuestion() | MultipleQuestion() | BooleanQuestion():
            return list(question.correct)
        case NumberQuestion() | TextQuestion():
            return question.correct.model_dump()
        case OrderQuestion():
            return solution_as_shown(shown_for(question, index, seed))
        case PollQuestion() | Slide():
            return None
        case _ as unreachable:
            assert_never(unreachable)


Counted = Iterable[tuple[Answer, int]]
"""Answers to one question, each with how many gave it."""


def distribution(question: Question, answers: Counted, shown: tuple[int, ...]) -> list[Any]:
    """How the answers are spread; `shown` is what `shown_for` says.

    For types with options to pick: counts by option as shown. For free answers: the ten most
    frequent as `{answer, count, correct}`, see `most_frequent`.
    """
    match question:
        case SingleQuestion() | MultipleQuestion() | BooleanQuestion() | PollQuestion():
            options = 2 if isinstance(question, BooleanQuestion) else len(question.options)
            return count_picks(options, answers)
        case NumberQuestion() | TextQuestion() | OrderQuestion():
            return [
                line | {"correct": share_right(question, line["answer"], shown) == 1}
                for line in most_frequent(answers)
            ]
        case Slide():
            return []
        case _ as unreachable:
            assert_never(unreachable)


def count_picks(options: int, answers: Counted) -> list[int]:
    """How often each of `options` options was picked."""
    counts = [0] * options
    for answer, number in answers:
        for pick in answer if isinstance(answer, list) else [answer]:
            if isinstance(pick, int) and 0 <= pick < options:
                counts[pick] += number
    return counts


def most_frequent(answers: Counted, limit: int = TOP_ANSWERS) -> list[dict[str, Any]]:
    """The most frequent (`limit` of them) as `{answer, count}`, texts taken together when
    `normalise` makes them equal.
    """
    total: Counter[str] = Counter()
    shown: dict[str, Answer] = {}
    for answer, number in sorted(answers, key=lambda pair: (-pair[1], str(pair[0]))):
        key = (normalise(answer) or answer) if isinstance(answer, str) else str(answer)
        shown.setdefault(key, answer)
        total[key] += number
    return [{"answer": shown[key], "count": number} for key, number in total.most_common(limit)]
