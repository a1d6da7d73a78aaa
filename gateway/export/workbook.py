"""Export results as an Excel workbook, written by `gateway.export.workbook_process`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from typing import IO

import orjson
import structlog

from db.results import PlayerReport
from gateway.export.report import (
    QuestionFacts,
    answer_rows,
    matrix_row,
    question_row,
    standing_row,
)
from gateway.export.sheets import ANSWERS, MATRIX, QUESTIONS, RUN, STANDINGS, RunFacts, sheets
from gateway.export.words import ENGLISH, Words
from quiz.errors import ErrorCode, QuizrunError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ANSWERS = 1_000_000
"""A sheet holds at most 1,048,576 rows."""
CONCURRENCY = 2
MAX_WAITING = 8
TIMEOUT_S = 300.0
SHOWN_ERROR_BYTES = 2_000


_log = structlog.get_logger()


class Workbooks:
    """Makes `CONCURRENCY` workbooks at a time; `MAX_WAITING` more may wait, others are rejected."""

    def __init__(self, *, at_once: int = CONCURRENCY, waiting: int = MAX_WAITING) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    async def make(
        self,
        questions: Sequence[QuestionFacts],
        pages: AsyncIterator[list[PlayerReport]],
        run: RunFacts | None = None,
        words: Words = ENGLISH,
    ) -> IO[bytes]:
        """Return the workbook as an anonymous file at its start; the caller closes it.

        Raises `export_too_large`, or `unavailable` if too many are waiting.
        """
        if sum(question.answered for question in questions) > MAX_ANSWERS:
            raise QuizrunError(
                ErrorCode.EXPORT_TOO_LARGE,
                f"A workbook holds at most {MAX_ANSWERS:,} answers; use CSV for this run.",
            )
        if not self._room:
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, "Too many workbooks are being created. Try again."
            )
        self._room -= 1
        try:
            async with self._slots, asyncio.timeout(TIMEOUT_S):
                return await _make(_lines(questions, pages, run, words))
        except TimeoutError:
            raise QuizrunError(
                ErrorCode.EXPORT_TOO_LARGE,
                "The workbook took too long to create; use CSV for this run.",
            ) from None
        finally:
            self._room += 1


async def _lines(
    questions: Sequence[QuestionFacts],
    pages: AsyncIterator[list[PlayerReport]],
    run: RunFacts | None,
    words: Words,
) -> AsyncIterator[bytes]:
    yield orjson.dumps(sheets(questions, words))
    yield orjson.dumps([QUESTIONS, [question_row(question, words) for question in questions]])
    yield orjson.dumps([RUN, run.rows(words) if run else []])
    async for page in pages:
        yield orjson.dumps([STANDINGS, [standing_row(player) for player in page]])
        yield orjson.dumps([MATRIX, [matrix_row(questions, player, words) for player in page]])
        rows = [row for player in page for row in answer_rows(questions, player, words)]
        yield orjson.dumps([ANSWERS, rows])


async def _make(lines: AsyncIterator[bytes]) -> IO[bytes]:
    with (
        tempfile.TemporaryDirectory(prefix="quizrun-workbook-") as scratch,
        tempfile.TemporaryFile() as errors,
        ExitStack() as on_failure,
    ):
        target = on_failure.enter_context(tempfile.TemporaryFile())
        status = await _run(lines, target, errors, scratch)
        if status != 0:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - SHOWN_ERROR_BYTES))
            _log.error(
                "export.workbook_failed",
                exit_code=status,
                output=errors.read().decode(errors="replace"),
            )
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, "The workbook could not be created. Try again."
            )
        on_failure.pop_all()
    target.seek(0)
    return target


async def _run(
    lines: AsyncIterator[bytes], target: IO[bytes], errors: IO[bytes], scratch: str
) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway.export.workbook_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=target,
        stderr=errors,
        env=_environment(scratch),
    )
    assert process.stdin is not None
    try:
        async for line in lines:
            process.stdin.write(line + b"\n")
            await process.stdin.drain()
        process.stdin.close()
        return await process.wait()
    except ConnectionError:  # the process exited early; its error output says why
        return await process.wait() or 1
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _environment(scratch: str) -> dict[str, str]:
    # Without our secrets; a killed process's leftovers go with `scratch`.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUIZRUN_")}
    return kept | {"TMPDIR": scratch}
