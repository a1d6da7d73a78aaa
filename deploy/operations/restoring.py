"""``quizrun restore`` beyond the database: start workflows and publish their state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO

import psycopg

from db.engine import database_url_of
from deploy.errors import StackError
from deploy.operations.recovery import Takeover
from deploy.operations.restore import restore
from deploy.operations.wiring import Operations, operations, operator_settings
from quiz.errors import QuizrunError

CONCURRENCY = 20


async def carry_out(
    stream: IO[bytes],
    *,
    operator: str,
    resume: bool,
    replace: bool,
    report: Callable[[str], None],
) -> list[str]:
    """Restore the archive; return a description. Raises `StackError`."""
    settings = operator_settings()
    async with operations(settings) as ops:
        loop = asyncio.get_running_loop()

        def start(live: list[Takeover]) -> None:
            report(f"Starting the workflows of {len(live)} live runs…")
            started = asyncio.run_coroutine_threadsafe(_start(ops, live, replace=replace), loop)
            started.result()

        try:
            restored = await asyncio.to_thread(
                restore, database_url_of(settings), stream, start, settings.idle_timeouts, report
            )
        except QuizrunError as error:
            raise StackError(f"Nothing was restored: {error.message}") from error
        except psycopg.Error as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise StackError(f"Nothing was restored: {reason}.") from error
        taken = datetime.fromtimestamp(restored.taken_at / 1000, UTC)
        await ops.actions.note(
            operator, "restore", None, f"the backup of {taken:%Y-%m-%d %H:%M:%S} UTC"
        )
        rows = sum(restored.rows.values())
        lines = [f"Restored {rows} rows, as of {taken:%Y-%m-%d %H:%M:%S} UTC."]
        announced = [await _announce(ops, one, operator, resume=resume) for one in restored.live]
        return lines + announced


async def _start(ops: Operations, live: list[Takeover], *, replace: bool) -> None:
    for first in range(0, len(live), CONCURRENCY):
        some = live[first : first + CONCURRENCY]
        await asyncio.gather(*(ops.recovery.start(one, replace=replace) for one in some))


async def _announce(ops: Operations, takeover: Takeover, operator: str, *, resume: bool) -> str:
    state = takeover.snapshot.state
    left = "" if state.remaining_ms is None else f", {state.remaining_ms / 1000:.1f} s left"
    what = (
        f"Run {takeover.run_id} (PIN {takeover.pin}): {state.phase.value}, question "
        f"{state.question + 1} of {state.question_count}{left}"
    )
    try:
        await ops.repair.announce(takeover.snapshot)
    except QuizrunError as error:
        # Gateways compare their rooms with PostgreSQL anyway.
        what += f"; not published ({error.message.rstrip('.')})"
    if not resume:
        return f"{what}; paused: its host resumes it, or `quizrun runs resume {takeover.run_id}`."
    try:
        await ops.commands.carry_out(operator, takeover.run_id, "resume")
    except QuizrunError as error:
        return f"{what}; paused, and not resumed: {error.message}"
    return f"{what}; resumed."
