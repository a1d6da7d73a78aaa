"""Errors as clients see them."""

from __future__ import annotations

import socketio
from pydantic import ValidationError

from quiz.errors import ErrorCode, QuizrunError


def invalid(event: str, error: ValidationError) -> QuizrunError:
    """Return the error for arguments that do not fit `event`."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    subject = f"`{event}`, field `{where}`" if where else f"The argument of `{event}`"
    return QuizrunError(ErrorCode.PAYLOAD_INVALID, f"{subject}: {first['msg']}.")


def fault() -> QuizrunError:
    """Return the error for a fault of the server, without details."""
    return QuizrunError(ErrorCode.UNAVAILABLE, "Something went wrong here; try again.")


def refusal(error: QuizrunError) -> socketio.exceptions.ConnectionRefusedError:
    """Return the error as a refusal to connect."""
    return socketio.exceptions.ConnectionRefusedError(error.message, error.body())
