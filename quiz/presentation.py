"""Questions as players see them, and the solutions and distributions of a reveal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from quiz.answers import Answer, correct_share
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
"""How many distinct free answers a reveal lists."""


class PublicQuestion(BaseModel):
    """A question without its solution and explanation: nothing that gives the answer away."""

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
    """Return the label of an option whose text is not shown: A, B and so on."""
    return chr(ord("A") + index)


def buttons_only(fields: dict[str, Any]) -> dict[str, Any]:
    """Strip a question's fields of its text, picture and sound, which are on the big screen.

    Options become letters, except in `order` questions.
    """
    letters = fields.get("options") is not None and fields["type"] != "order"
    hidden = {"text", "media", "audio"} | ({"option_media"} if letters else set())
    bare = {name: value for name, value in fields.items() if name not in hidden}
    if letters:
        bare["options"] = [letter(index) for index in range(len(fields["options"]))]
    return bare | {"text": ""}


def shown_for(question: Question, index: int, seed: str) -> tuple[int, ...]:
    """Return the order in which the options of `question` are shown, as `quiz.shuffle` defines it.

    `seed` is the secret seed of the run. Empty for questions without options.
    """
    match question:
        case OrderQuestion():
            return shown_order(seed, index, len(question.options))
        case SingleQuestion() | MultipleQuestion() | PollQuestion():
            return tuple(range(len(question.options)))
        case _:
            return ()


def public_question(question: Question, index: int, count: int, seed: str) -> PublicQuestion:
    """Return question `index` (0-based) of `count` as players see it; `points` is 0 if unscored."""
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
    """Return the correct answer as JSON, as indices of the options as shown; None if unscored."""
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
"""Distinct answers to one question, each with the number of players who gave it."""


def distribution(question: Question, answers: Counted, shown: tuple[int, ...]) -> list[Any]:
    """Return the distribution of the answers; `shown` is the result of `shown_for`.

    For questions with options to pick: a count for each option as shown. For free answers: the
    `TOP_ANSWERS` most frequent as `{answer, count, correct}`, see `most_frequent`.
    """
    match question:
        case SingleQuestion() | MultipleQuestion() | BooleanQuestion() | PollQuestion():
            options = 2 if isinstance(question, BooleanQuestion) else len(question.options)
            return count_picks(options, answers)
        case NumberQuestion() | TextQuestion() | OrderQuestion():
            return [
                line | {"correct": correct_share(question, line["answer"], shown) == 1}
                for line in most_frequent(answers)
            ]
        case Slide():
            return []
        case _ as unreachable:
            assert_never(unreachable)


def count_picks(options: int, answers: Counted) -> list[int]:
    """Count how often each of `options` options was picked."""
    counts = [0] * options
    for answer, number in answers:
        for pick in answer if isinstance(answer, list) else [answer]:
            if isinstance(pick, int) and 0 <= pick < options:
                counts[pick] += number
    return counts


def most_frequent(answers: Counted, limit: int = TOP_ANSWERS) -> list[dict[str, Any]]:
    """Return the `limit` most frequent answers as `{answer, count}`.

    Texts that are equal after `normalise` count as one answer.
    """
    total: Counter[str] = Counter()
    shown: dict[str, Answer] = {}
    for answer, number in sorted(answers, key=lambda pair: (-pair[1], str(pair[0]))):
        key = (normalise(answer) or answer) if isinstance(answer, str) else str(answer)
        shown.setdefault(key, answer)
        total[key] += number
    return [{"answer": shown[key], "count": number} for key, number in total.most_common(limit)]
