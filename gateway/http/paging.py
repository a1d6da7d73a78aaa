"""Pages of lists, and ids in paths."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from db.ids import is_id
from quiz.errors import ErrorCode, QuizrunError

T = TypeVar("T")

MAX_PAGE = 100
MAX_OFFSET = 1_000_000

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET)]


class Page(BaseModel, Generic[T]):
    """A page of a list, and the list's total length."""

    items: list[T]
    total: int
    limit: int
    offset: int


def known_id(text: str, what: str) -> str:
    """Return `text` if it can be an id. Otherwise raises `not_found`, as for an unknown id."""
    text = text.lower()
    if not is_id(text):
        raise QuizrunError(ErrorCode.NOT_FOUND, f"There is no such {what}.")
    return text


async def _quiz_id(quiz_id: str) -> str:
    return known_id(quiz_id, "quiz")


async def _run_id(run_id: str) -> str:
    return known_id(run_id, "run")


async def _player_id(player_id: str) -> str:
    return known_id(player_id, "player")


QuizId = Annotated[str, Depends(_quiz_id)]
RunId = Annotated[str, Depends(_run_id)]
PlayerId = Annotated[str, Depends(_player_id)]
