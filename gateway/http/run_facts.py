"""The date and corrections of a run, for exported files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from db.corrections import Correction
from db.runs import Run
from gateway.export.report import Cell, QuestionFacts, solution_text
from gateway.export.sheets import CorrectionFacts, RunFacts
from gateway.export.words import Words
from gateway.http.services import Services


async def run_facts(
    services: Services, run: Run, questions: Sequence[QuestionFacts], words: Words, time_zone: str
) -> RunFacts:
    """Return the run's facts in the host's language and time zone; UTC if the zone is unknown."""
    zone, name = _zone(time_zone)
    history = await services.reports.corrections.history(run.id)
    by_number = {question.number: question for question in questions}

    def fact(line: Correction) -> CorrectionFacts:
        question = by_number.get(line.question + 1)
        right: Cell = None
        if question is not None and line.after.verdict == "key":
            right = solution_text(replace(question, solution=line.after.correct), words)
        return CorrectionFacts(
            at=_moment(line.at, zone),
            host=line.host or "–",
            question=line.question + 1,
            verdict=line.after.verdict,
            right=right,
        )

    return RunFacts(
        title=run.title,
        at=_moment(run.created_at, zone),
        time_zone=name,
        players=run.players,
        questions=run.snapshot.state.question + 1,
        corrections=[fact(line) for line in reversed(history)],
    )


def _moment(at_ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, zone)


def _zone(name: str) -> tuple[tzinfo, str]:
    try:
        return ZoneInfo(name), name
    except (ValueError, OSError, LookupError):  # the name may not be a valid file name
        return UTC, "UTC"
