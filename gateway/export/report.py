"""A run's results as rows of plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.results import AnswerReport, PlayerReport
from gateway.export.words import ENGLISH, Words
from quiz.answers import Answer
from quiz.content import QuestionType

Cell = str | int | float | bool | None
Marked = dict[str, Cell]
"""A `value` and its `mark`: right, partly, wrong, none or open."""


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A question as shown to players, and its statistics."""

    number: int
    """Starts at 1."""
    type: QuestionType
    text: str
    options: list[str] | None
    solution: Any
    """As returned by `quiz.presentation.solution`."""
    answered: int
    correct: int
    share_correct: float | None
    mean_points: float
    mean_elapsed_ms: int | None
    distribution: Sequence[Any] = ()
    """As returned by `quiz.presentation.distribution`."""
    void: bool = False
    """Whether the host excluded the question from scoring."""

    @property
    def scored(self) -> bool:
        """Whether answers are correct or incorrect."""
        return self.type not in ("poll", "slide") and not self.void


def answer_text(question: QuestionFacts, answer: Answer, words: Words = ENGLISH) -> Cell:
    """Format `answer` for people: option texts in the given order."""
    options = _options(question, words)
    if options is None:
        return answer if not isinstance(answer, list) else None
    picks = answer if isinstance(answer, list) else [answer]
    return "; ".join(options[pick] for pick in picks if isinstance(pick, int))


def _options(question: QuestionFacts, words: Words) -> list[str] | None:
    return [words("true"), words("false")] if question.type == "boolean" else question.options


def counts_text(question: QuestionFacts, words: Words = ENGLISH) -> Cell:
    """Format the count of each option, or of the most frequent answers."""
    options = _options(question, words) or []
    lines = [
        f"{answer_text(question, line['answer'], words)}: {line['count']}"
        if isinstance(line, dict)
        else f"{options[place]}: {line}"
        for place, line in enumerate(question.distribution)
    ]
    return "\n".join(lines) or None


def solution_text(question: QuestionFacts, words: Words = ENGLISH) -> Cell:
    """Format the solution."""
    match question.solution:
        case None:
            return None
        case {"accepted": texts}:
            return "; ".join(texts)
        case {"value": value, "tolerance": tolerance}:
            return f"{value:.15g} ± {tolerance:.15g}" if tolerance else float(value)
        case right:
            return answer_text(question, right, words)


def player_row(
    questions: Sequence[QuestionFacts], player: PlayerReport, words: Words | None = None
) -> list[Cell]:
    """Return rank, nickname and score, then four cells per question.

    Times are in seconds with `words`, otherwise in milliseconds.
    """
    given = {answer.question + 1: answer for answer in player.answers}
    row: list[Cell] = [player.rank, player.nickname, player.score]
    for question in questions:
        row += _answer_cells(question, given.get(question.number), words)
    return row


def matrix_row(
    questions: Sequence[QuestionFacts], player: PlayerReport, words: Words = ENGLISH
) -> list[Cell | Marked]:
    """Return rank, nickname and score, then a marked cell per question."""
    given = {answer.question + 1: answer for answer in player.answers}
    row: list[Cell | Marked] = [player.rank, player.nickname, player.score]
    return row + [_marked(question, given.get(question.number), words) for question in questions]


def _marked(question: QuestionFacts, answer: AnswerReport | None, words: Words) -> Marked:
    if answer is None:
        return {"value": "–", "mark": "none"}
    if not question.scored:
        return {"value": answer_text(question, answer.answer, words), "mark": "open"}
    if answer.points is None:
        return {"value": "…", "mark": "open"}
    partly = "partly" if answer.points else "wrong"
    return {"value": answer.points, "mark": "right" if answer.correct else partly}


def answer_rows(
    questions: Sequence[QuestionFacts], player: PlayerReport, words: Words = ENGLISH
) -> list[list[Cell]]:
    """Return a row for each of the player's answers."""
    by_number = {question.number: question for question in questions}
    rows: list[list[Cell]] = []
    for answer in player.answers:
        question = by_number[answer.question + 1]
        about: list[Cell] = [player.rank, player.nickname, question.number, question.text]
        extra = words.extra_time(answer.extra_time)
        rows.append(about + _answer_cells(question, answer, words) + [extra])
    return rows


def question_row(question: QuestionFacts, words: Words = ENGLISH) -> list[Cell]:
    """Return a question and its statistics."""
    return [
        question.number,
        words.type(question.type),
        question.text,
        solution_text(question, words),
        question.answered,
        question.correct if question.share_correct is not None else None,
        question.share_correct,
        _seconds(question.mean_elapsed_ms),
        round(question.mean_points, 1),
        counts_text(question, words),
    ]


def standing_row(player: PlayerReport) -> list[Cell]:
    """Return a line of the standings."""
    right = sum(answer.correct is True for answer in player.answers)
    return [player.rank, player.nickname, player.score, right, len(player.answers)]


def _answer_cells(
    question: QuestionFacts, answer: AnswerReport | None, words: Words | None
) -> list[Cell]:
    if answer is None:
        return [None, None, None, None]
    return [
        answer_text(question, answer.answer, words or ENGLISH),
        answer.correct if question.scored else None,
        answer.points if question.scored else None,
        _seconds(answer.elapsed_ms) if words else answer.elapsed_ms,
    ]


def _seconds(time_ms: int | None) -> float | None:
    return None if time_ms is None else round(time_ms / 1000, 2)
