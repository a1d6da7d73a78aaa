"""What a host rules to have been right after a run, in place of what the quiz said."""

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
"""``original``: as the quiz says. ``key``: another right answer. ``everybody``: whoever answered
gets full points. ``void``: the question counts for nobody, as if it had never been asked.
"""


class Ruling(Record):
    """What counts as right at one question. `correct` is the right answer where the verdict is
    ``key``, in the terms of `quiz.presentation.solution`: options are numbered as shown.
    """

    verdict: Verdict = "original"
    correct: Any = None


ORIGINAL = Ruling()


def ruling_on(question: Question, verdict: Verdict, correct: Any) -> Ruling:
    """The ruling, checked. Raises `payload_invalid` where it does not fit the question."""
    if not question.scored:
        _refuse("No answer to this question is right or wrong.")
    if verdict != "key":
        if correct is not None:
            _refuse(f"The verdict `{verdict}` takes no right answer.")
        return Ruling(verdict=verdict)
    if isinstance(question, OrderQuestion):
        places = list(range(len(question.options)))
        if not isinstance(correct, list) or any(type(pick) is not int for pick in correct):
            _refuse("correct: must be a list of option numbers.")
        if sorted(correct) != places:
            _refuse(f"correct: must list all {len(places)} options in the right order.")
        return Ruling(verdict="key", correct=correct)
    if correct is None:
        _refuse("correct: is missing.")
    right = _with_key(question, correct)
    document = right.model_dump(mode="json")["correct"]
    return Ruling(verdict="key", correct=sorted(document) if _is_list(document) else document)


@dataclass(frozen=True, slots=True)
class ScoringKey:
    """What is right at each question of a run: the quiz, and the rulings on it.

    `score` is what scores a run's answers a second time; without rulings it is the same as the
    first time.
    """

    quiz: Quiz
    seed: str
    rulings: Mapping[int, Ruling] = field(default_factory=dict)
    _known: dict[int, tuple[Question, tuple[int, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What was worked out before: thousands of answers ask for the same question."""

    def ruling(self, index: int) -> Ruling:
        """The ruling on question `index`."""
        return self.rulings.get(index, ORIGINAL)

    def question(self, index: int) -> Question:
        """Question `index` with what is right by the ruling; an order is in `shown`."""
        return self._keyed(index)[0]

    def shown(self, index: int) -> tuple[int, ...]:
        """Where each option as shown has its place in the right order."""
        return self._keyed(index)[1]

    def _keyed(self, index: int) -> tuple[Question, tuple[int, ...]]:
        known = self._known.get(index)
        if known is None:
            known = self._known[index] = self._question(index), self._shown(index)
        return known

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
        """Whether the question counts for points and streaks."""
        return self.quiz.questions[index].scored and self.ruling(index).verdict != "void"

    def score(
        self, index: int, answer: Answer, elapsed_ms: int, scoring: ScoringMode, **more: Any
    ) -> Score:
        """The points of an answer; `more` goes to `score_answer` as it is."""
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
        """The right answer as JSON, in terms of the options as shown; None where there is none."""
        ruling = self.ruling(index)
        if ruling.verdict == "key":
            return ruling.correct
        return solution(self.quiz.questions[index], index, self.seed)

    def distribution(self, index: int, answers: Counted) -> list[Any]:
        """How the answers are spread; see `quiz.presentation.distribution`."""
        spread = distribution(self.question(index), answers, self.shown(index))
        verdict = self.ruling(index).verdict
        if verdict in ("everybody", "void"):
            right = verdict == "everybody"
            return [
                line | {"correct": right} if isinstance(line, dict) else line for line in spread
            ]
        return spread


def _with_key(question: Question, correct: Any) -> Question:
    document = question.model_dump(mode="json") | {"correct": correct}
    try:
        return type(question).model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[0]
        message = found["msg"].removeprefix("Value error, ").removeprefix("correct: ").rstrip(".")
        where = ".".join(str(part) for part in found["loc"]) or "correct"
        _refuse(f"{where}: {message}.")


def _is_list(document: Any) -> bool:
    return isinstance(document, list)


def _refuse(message: str) -> NoReturn:
    raise QuizrunError(ErrorCode.PAYLOAD_INVALID, message)
