"""The sheets of a workbook: names, columns, and facts about the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.export.report import Cell, QuestionFacts
from gateway.export.words import Words

STANDINGS, ANSWERS, QUESTIONS, MATRIX, RUN = range(5)

Column = tuple[str, int, str | None]
"""Title, width and format."""


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """A correction by the host. `question` starts at 1."""

    at: datetime
    host: str
    question: int
    verdict: str
    right: Cell = None
    """The formatted solution if it was replaced."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run's date and corrections. Times are in the host's `time_zone`."""

    title: str
    at: datetime
    time_zone: str
    players: int
    questions: int
    corrections: Sequence[CorrectionFacts] = ()

    def rows(self, words: Words) -> list[list[Any]]:
        """Return pairs of name and value."""
        rows: list[list[Any]] = [
            [words("quiz"), self.title],
            [words("date"), _moment(self.at)],
            [words("time_zone"), self.time_zone],
            [words("players"), self.players],
            [words("questions"), self.questions],
        ]
        for one in self.corrections:
            what = f"{one.question}. {words(one.verdict)}"
            if one.right is not None:
                what += f": {one.right}"
            by = f"{words('by')} {one.host}"
            rows.append([words("correction"), _moment(one.at), f"{what} ({by})"])
        marks = ("right", "partly", "wrong", "none")
        return rows + [[words("legend"), words(mark)] for mark in marks]


def sheets(questions: Sequence[QuestionFacts], words: Words) -> list[dict[str, Any]]:
    """Describe the sheets to the workbook process, in the order of the constants."""
    who: list[Column] = [(words("rank"), 8, None), (words("nickname"), 28, None)]
    columns: dict[str, list[Column]] = {
        "standings": [
            *who,
            (words("score"), 12, None),
            (words("correct_answers"), 16, None),
            (words("answers"), 12, None),
        ],
        "answers": [
            *who,
            (words("question"), 10, None),
            (words("text"), 50, None),
            (words("answer"), 36, None),
            (words("correct"), 10, None),
            (words("points"), 10, None),
            (words("time"), 12, None),
            (words("extra_time"), 20, None),
        ],
        "questions": [
            (words("question"), 10, None),
            (words("type"), 18, None),
            (words("text"), 60, "text"),
            (words("solution"), 36, "text"),
            (words("answers"), 12, None),
            (words("correct_answers"), 16, None),
            (words("share"), 14, "percent"),
            (words("mean_time"), 16, None),
            (words("mean_points"), 14, None),
            (words("counts"), 40, "text"),
        ],
        "matrix": [
            *who,
            (words("score"), 12, None),
            *((f"{question.number}. {question.text}", 16, None) for question in questions),
        ],
        "run": [(words("run"), 20, None), ("", 40, None), ("", 60, None)],
    }
    return [
        {
            "name": words(name),
            "columns": of,
            "frozen": 2 if name == "matrix" else 0,
            "filter": name != "run",
        }
        for name, of in columns.items()
    ]


def _moment(at: datetime) -> dict[str, str]:
    return {"moment": at.replace(tzinfo=None).isoformat(timespec="seconds")}
