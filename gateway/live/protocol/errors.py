"""How clients are told what they cannot have."""

from __future__ import annotations

import socketio
from pydantic import ValidationError

from quiz.errors import ErrorCode, QuizrunError


def invalid(event: str, error: ValidationError) -> QuizrunError:
    """Arguments that are not what `event` takes."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    subject = f"`{event}`, field `{where}`" if where else f"The argument of `{event}`"
    return QuizrunError(ErrorCode.PAYLOAD_INVALID, f"{subject}: {first['msg']}.")


def fault() -> QuizrunError:
    """Our own mistake, about which the client learns nothing."""
    return QuizrunError(ErrorCode.UNAVAILABLE, "Something went wrong here; try again.")


def refusal(error: QuizrunError) -> socketio.exceptions.ConnectionRefusedError:
    """The same for a client that wants to connect."""
    return socketio.exceptions.ConnectionRefusedError(error.message, error.body())
