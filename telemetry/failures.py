"""Exceptions as log fields, which describe the code that failed but never its data."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from telemetry.redaction import without_values

MAX_FRAMES = 30
MAX_CHAINED = 5
MAX_OF_GROUP = 3
MAX_STACK_CHARS = 16_000
MAX_CODE_CHARS = 100
_CODES = ("code", "sqlstate", "type")
"""The attributes that hold the code of our errors, PostgreSQL's, and Temporal's."""


def error_fields(error: BaseException, *, stack: bool) -> dict[str, str]:
    """Return the ECS fields of an exception; with `stack`, including its stack trace.

    `error.code` is the error's stable code, if it has one, and `quizrun.error_cause` the type of
    its root cause.
    """
    fields = {"error.type": _name(error), "error.message": _text(error)}
    code = next((value for name in _CODES if (value := getattr(error, name, None))), None)
    if isinstance(code, str):
        fields["error.code"] = str(code)[:MAX_CODE_CHARS]
    if (root := _root(error)) is not error:
        fields["quizrun.error_cause"] = _name(root)
    if stack:
        fields["error.stack_trace"] = "".join(_lines(error, MAX_CHAINED))[-MAX_STACK_CHARS:]
    return fields


def _lines(error: BaseException, depth: int) -> Iterator[str]:
    """Format a traceback as Python does, with values removed from exception texts."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth > 1:
        yield from _lines(cause, depth - 1)
        relation = "was the direct cause of" if error.__cause__ else "was being handled before"
        yield f"\nThe above exception {relation} the following exception:\n\n"
    frames = traceback.extract_tb(error.__traceback__)
    if frames:
        yield "Traceback (most recent call last):\n"
        yield from traceback.StackSummary.from_list(frames[-MAX_FRAMES:]).format()
    yield f"{_name(error)}: {_text(error)}\n"
    if isinstance(error, BaseExceptionGroup) and depth > 1:
        for number, member in enumerate(error.exceptions[:MAX_OF_GROUP], start=1):
            yield f"\nException {number} of {len(error.exceptions)} in the group:\n\n"
            yield from _lines(member, depth - 1)


def _root(error: BaseException) -> BaseException:
    for _ in range(MAX_CHAINED):
        # Include the context that `raise … from None` hides: operators need it.
        cause = error.__cause__ or error.__context__
        if cause is None:
            break
        error = cause
    return error


def _name(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as failure:  # noqa: BLE001 - a broken __str__ must not hide the error
        return f"(text unavailable: {type(failure).__name__})"
    return without_values(text)
