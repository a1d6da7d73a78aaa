"""Rulings: corrections by the host, after a run, of which answers were correct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from pydantic import ValidationError

from quiz.answers import Answer
from quiz.content import OrderQuestion, Question, Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.presentation import Counted, distribution, shown_for, solution
from quiz.record import Record
from quiz.scoring import Score, ScoringMode, score_answer

Verdict = Literal["original", "key", "everybody", "void"]
"""``original``: as in the quiz. ``key``: another correct answer. ``everybody``: every answer gets
full points. ``void``: the question does not count, as if it had never been asked.
"""


class Ruling(Record):
    """The host's ruling on one question.

    `correct` is the correct answer if the verdict is ``key``, in the format of
    `quiz.presentation.solution`: options are numbered as shown.
    """

    verdict: Verdict = "original"
    correct: Any = None


ORIGINAL = Ruling()


def ruling_on(question: Question, verdict: Verdict, correct: Any) -> Ruling:
    """Validate a ruling on `question`. Raises `payload_invalid` if it does not fit."""
    if not question.scored:
        _refuse("This question is not scored.")
    if verdict != "key":
        if correct is not None:
            _refuse(f"The verdict `{verdict}` does not take a correct answer.")
        return Ruling(verdict=verdict)
    if isinstance(question, OrderQuestion):
        places = list(range(len(question.options)))
        if not isinstance(correct, list) or any(type(pick) is not int for pick in correct):
            _refuse("correct: must be a list of option numbers.")
        if sorted(correct) != places:
            _refuse(f"correct: must list all {len(places)} options in the correct order.")
        return Ruling(verdict="key", correct=correct)
    if correct is None:
        _refuse("correct: is missing.")
    document = _with_key(question, correct).model_dump(mode="json")["correct"]
    return Ruling(verdict="key", correct=sorted(document) if _is_list(document) else document)


@dataclass(frozen=True, slots=True)
class ScoringKey:
    """The answer key of a run: its quiz with the rulings applied.

    Rescoring uses it. Without rulings the result equals the first scoring.
    """

    quiz: Quiz
    seed: str
    rulings: Mapping[int, Ruling] = field(default_factory=dict)
    _cache: dict[int, tuple[Question, tuple[int, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def ruling(self, index: int) -> Ruling:
        """Return the ruling on question `index`."""
        return self.rulings.get(index, ORIGINAL)

    def question(self, index: int) -> Question:
        """Return question `index` with the ruling's solution; of `order` questions, see `shown`."""
        return self._keyed(index)[0]

    def shown(self, index: int) -> tuple[int, ...]:
        """Return the position in the correct order of each option as shown."""
        return self._keyed(index)[1]

    def _keyed(self, index: int) -> tuple[Question, tuple[int, ...]]:
        keyed = self._cache.get(index)
        if keyed is None:
            keyed = self._cache[index] = self._question(index), self._shown(index)
        return keyed

    def _question(self, index: int) -> Question:
        question, ruling = self.quiz.questions[index], self.ruling(index)
        if ruling.verdict != "key" or isinstance(question, OrderQuestion):
            return question
        return _with_key(question, ruling.correct)

    def _shown(self, index: int) -> tuple[int, ...]:
        question, ruling = self.quiz.questions[index], self.ruling(index)
        if ruling.verdict == "key" and isinstance(question, OrderQuestion):
            place = {option: place for place, option in enumerate(ruling.correct)}
            return tuple(place[option] for option in range(len(place)))
        return shown_for(question, index, self.seed)

    def scored(self, index: int) -> bool:
        """Return whether the question counts for points and streaks."""
        return self.quiz.questions[index].scored and self.ruling(index).verdict != "void"

    @property
    def scored_questions(self) -> frozenset[int]:
        """Return the indexes of the questions that count."""
        return frozenset(filter(self.scored, range(len(self.quiz.questions))))

    def score(
        self, index: int, answer: Answer, elapsed_ms: int, scoring: ScoringMode, **more: Any
    ) -> Score:
        """Score an answer; `more` is passed on to `score_answer`."""
        question = self.quiz.questions[index]
        match self.ruling(index).verdict:
            case "void":
                return Score(points=0, correct=False)
            case "everybody":
                return Score(points=question.points, correct=True)
            case _:
                return score_answer(
                    self.question(index),
                    answer,
                    elapsed_ms,
                    scoring=scoring,
                    shown=self.shown(index),
                    **more,
                )

    def solution(self, index: int) -> Any:
        """Return the correct answer as JSON; see `quiz.presentation.solution`."""
        ruling = self.ruling(index)
        if ruling.verdict == "key":
            return ruling.correct
        return solution(self.quiz.questions[index], index, self.seed)

    def distribution(self, index: int, answers: Counted) -> list[Any]:
        """Return the distribution of the answers; see `quiz.presentation.distribution`."""
        lines = distribution(self.question(index), answers, self.shown(index))
        verdict = self.ruling(index).verdict
        if verdict in ("everybody", "void"):
            correct = verdict == "everybody"
            return [
                line | {"correct": correct} if isinstance(line, dict) else line for line in lines
            ]
        return lines


def _with_key(question: Question, correct: Any) -> Question:
    document = question.model_dump(mode="json") | {"correct": correct}
    try:
        return type(question).model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        message = first["msg"].removeprefix("Value error, ").removeprefix("correct: ").rstrip(".")
        where = ".".join(str(part) for part in first["loc"]) or "correct"
        _refuse(f"{where}: {message}.")


def _is_list(document: Any) -> bool:
    return isinstance(document, list)


def _refuse(message: str) -> NoReturn:
    raise QuizrunError(ErrorCode.PAYLOAD_INVALID, message)
