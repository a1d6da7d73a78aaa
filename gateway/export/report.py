"""What the files say: a run's results as rows of plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.results import AnswerReport, PlayerReport
from quiz.answers import Answer
from quiz.content import QuestionType

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A question as it was shown to players, and how it went."""

    number: int
    """Counted from 1, as people do."""
    type: QuestionType
    text: str
    options: list[str] | None
    solution: Any
    """As `quiz.presentation.solution` gives it."""
    answered: int
    correct: int
    share_correct: float | None
    mean_points: float
    mean_elapsed_ms: int | None


def in_words(question: QuestionFacts, answer: Answer) -> Cell:
    """`answer` as a person would write it: the texts of options, in the order given."""
    options = ["True", "False"] if question.type == "boolean" else question.options
    if options is None:
        return answer if not isinstance(answer, list) else None
    picks = answer if isinstance(answer, list) else [answer]
    return "; ".join(options[pick] for pick in picks if isinstance(pick, int))


def solution_in_words(question: QuestionFacts) -> Cell:
    """What would have been right."""
    match question.solution:
        case None:
            return None
        case {"accepted": texts}:
            return "; ".join(texts)
        case {"value": value, "tolerance": tolerance}:
            return f"{value:.15g} ± {tolerance:.15g}" if tolerance else float(value)
        case right:
            return in_words(question, right)


def player_row(questions: Sequence[QuestionFacts], player: PlayerReport) -> list[Cell]:
    """Rank, nickname and score, then four cells for each question."""
    given = {answer.question + 1: answer for answer in player.answers}
    row: list[Cell] = [player.rank, player.nickname, player.score]
    for question in questions:
        row += _answer_cells(question, given.get(question.number))
    return row


def answer_rows(questions: Sequence[QuestionFacts], player: PlayerReport) -> list[list[Cell]]:
    """A row for each answer that the player gave."""
    by_number = {question.number: question for question in questions}
    rows: list[list[Cell]] = []
    for answer in player.answers:
        question = by_number[answer.question + 1]
        about: list[Cell] = [player.rank, player.nickname, question.number, question.text]
        rows.append(about + _answer_cells(question, answer))
    return rows


def question_row(question: QuestionFacts) -> list[Cell]:
    """A question and its statistics."""
    return [
        question.number,
        question.type,
        question.text,
        solution_in_words(question),
        question.answered,
        question.correct if question.share_correct is not None else None,
        question.share_correct,
        question.mean_elapsed_ms,
        round(question.mean_points, 1),
    ]


def standing_row(player: PlayerReport) -> list[Cell]:
    """A line of the standings."""
    right = sum(answer.correct is True for answer in player.answers)
    return [player.rank, player.nickname, player.score, right, len(player.answers)]


def _answer_cells(question: QuestionFacts, answer: AnswerReport | None) -> list[Cell]:
    if answer is None:
        return [None, None, None, None]
    scored = question.type != "poll"
    return [
        in_words(question, answer.answer),
        answer.correct if scored else None,
        answer.points if scored else None,
        answer.elapsed_ms,
    ]
