"""Preview of the questions in a text or spreadsheet, before anything is stored."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.routing import OnceRoute
from gateway.http.services import ServicesDep
from gateway.spreadsheets.comma_separated import csv_rows, decoded
from gateway.spreadsheets.workbook import workbook_rows
from quiz.errors import ErrorCode, QuizrunError
from quiz.imports.parsed import Fault, ParsedQuestion
from quiz.imports.pasted import questions_in_text
from quiz.imports.table import questions_in_table

router = APIRouter(prefix="/quizzes/import", tags=["quizzes"], route_class=OnceRoute)

PREVIEWS_PER_MINUTE = 120
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The text in UTF-8, or the CSV or XLSX file itself.",
        "content": {
            "text/plain": {"schema": {"type": "string"}},
            "application/octet-stream": _BINARY,
        },
    }
}


class DoubtView(BaseModel):
    """A value that could not be parsed, or is missing."""

    fault: Fault
    value: str = Field(description="The value in the text or cell")


class FoundView(BaseModel):
    """A question that was parsed."""

    row: int = Field(description="The line or row in which it begins, from 1")
    question: dict[str, Any] = Field(description="In the native format; it may be incomplete")
    doubts: list[DoubtView]


class PreviewView(BaseModel):
    """The questions, in the order of the text or table."""

    questions: list[FoundView]


@router.post("/preview", openapi_extra=BODY, responses=problems(401, 403, 413, 422, 429, 503))
async def preview_import(
    request: Request,
    caller: CallerDep,
    services: ServicesDep,
    kind: Literal["text", "table"] = "text",
) -> PreviewView:
    """Read questions from a text (`kind=text`) or a CSV or XLSX file (`kind=table`).

    Nothing is stored: complete the questions, and store them with `POST /quizzes`. `import_invalid`
    reports a problem with the file as a whole.
    """
    await services.rate_limiter.check(
        f"preview:{caller.account_id}", PREVIEWS_PER_MINUTE, 60, kind="media"
    )
    try:
        content = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The upload was interrupted.") from None
    questions = await asyncio.to_thread(_read, content, kind)
    if not questions:
        raise QuizrunError(ErrorCode.IMPORT_INVALID, "No questions were found.")
    return PreviewView(questions=[_view(question) for question in questions])


def _read(content: bytes, kind: str) -> list[ParsedQuestion]:
    if kind == "text":
        return questions_in_text(_storable(decoded(content)))
    rows = workbook_rows(content) if content.startswith(b"PK") else csv_rows(content)
    return questions_in_table([[_storable(cell) for cell in row] for row in rows])


def _storable(text: str) -> str:
    """Drop control characters, which text copied from word processors contains."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n")
    return "".join(
        char for char in text if char in "\n\t" or char.isprintable() or char == "\u00a0"
    )


def _view(question: ParsedQuestion) -> FoundView:
    doubts = [DoubtView(fault=doubt.fault, value=doubt.value[:200]) for doubt in question.doubts]
    return FoundView(row=question.row, question=question.document, doubts=doubts)
