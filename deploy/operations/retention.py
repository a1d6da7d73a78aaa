"""``quizrun retention``: apply the retention periods."""

from __future__ import annotations

from db.engine import engine_of
from db.retention import Retention
from deploy.errors import StackError
from deploy.operations.wiring import PROCESS, operator_settings
from quiz.errors import QuizrunError
from telemetry.clock import now_ms


async def carry_out(*, dry_run: bool) -> str:
    """Apply the configured retention periods until nothing is due; return a summary.

    Raises `StackError`.
    """
    settings = operator_settings()
    periods = settings.retention_periods
    if periods.anonymise_after_days is None and periods.delete_after_days is None:
        return (
            "Everything is kept forever: neither QUIZRUN_ANONYMISE_AFTER_DAYS nor "
            "QUIZRUN_DELETE_AFTER_DAYS is set."
        )
    engine = engine_of(settings, name=PROCESS)
    retention = Retention(engine, periods)
    try:
        if dry_run:
            due = await retention.due(now_ms())
            return f"Due: {due.anonymised} runs to anonymise, {due.deleted} to delete."
        anonymised = deleted = 0
        while True:
            done = await retention.apply(now_ms(), operator=PROCESS)
            if not done.anonymised and not done.deleted:
                return f"Anonymised {anonymised} runs, deleted {deleted}."
            anonymised, deleted = anonymised + done.anonymised, deleted + done.deleted
    except QuizrunError as error:
        raise StackError(error.message) from error
    finally:
        await engine.dispose()
