"""Preview the import of questions from text or spreadsheets."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.routing import IdempotentRoute
from gateway.http.services import ServicesDep
from gateway.spreadsheets.comma_separated import csv_rows, decoded
from gateway.spreadsheets.workbook import workbook_rows
from quiz.errors import ErrorCode, QuizrunError
from quiz.imports.parsed import Fault, ParsedQuestion
from quiz.imports.pasted import questions_in_text
from quiz.imports.table import questions_in_table

router = APIRouter(prefix="/quizzes/import", tags=["quizzes"], route_class=IdempotentRoute)

PREVIEWS_PER_MINUTE = 120
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The text in UTF-8, or the raw CSV or XLSX file.",
        "content": {
            "text/plain": {"schema": {"type": "string"}},
            "application/octet-stream": _BINARY,
        },
    }
}


class DoubtView(BaseModel):
    """Something that could not be interpreted."""

    fault: Fault
    value: str = Field(description="The original text")


class FoundView(BaseModel):
    """A question found in the input."""

    row: int = Field(description="The 1-based line or row where it begins")
    question: dict[str, Any] = Field(
        description="The question in the native format; may be incomplete"
    )
    doubts: list[DoubtView]


class PreviewView(BaseModel):
    """The questions in their original order."""

    questions: list[FoundView]


@router.post("/preview", openapi_extra=BODY, responses=problems(401, 403, 413, 422, 429, 503))
async def preview_import(
    request: Request,
    caller: CallerDep,
    services: ServicesDep,
    kind: Literal["text", "table"] = "text",
) -> PreviewView:
    """Read questions from text (`kind=text`) or a CSV or XLSX file (`kind=table`).

    Nothing is stored: complete the questions and store them with `POST /quizzes`. Fails with
    `import_invalid` if the input as a whole is unusable.
    """
    await services.operations.rate_limiter.check(
        f"preview:{caller.account_id}", PREVIEWS_PER_MINUTE, 60, kind="media"
    )
    try:
        content = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The upload was interrupted.") from None
    found = await asyncio.to_thread(read_questions, content, kind)
    if not found:
        raise QuizrunError(ErrorCode.IMPORT_INVALID, "No questions were found.")
    return PreviewView(questions=[_view(one) for one in found])


def read_questions(content: bytes, kind: str) -> list[ParsedQuestion]:
    """Read pasted text, or a CSV or XLSX file. Raises `import_invalid`."""
    if kind == "text":
        return questions_in_text(_storable(decoded(content)))
    rows = workbook_rows(content) if content.startswith(b"PK") else csv_rows(content)
    return questions_in_table([[_storable(cell) for cell in row] for row in rows])


def _storable(text: str) -> str:
    """Strip control characters, which text copied from word processors may contain."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n")
    return "".join(
        char for char in text if char in "\n\t" or char.isprintable() or char == "\u00a0"
    )


def _view(question: ParsedQuestion) -> FoundView:
    doubts = [DoubtView(fault=doubt.fault, value=doubt.value[:200]) for doubt in question.doubts]
    return FoundView(row=question.row, question=question.document, doubts=doubts)
