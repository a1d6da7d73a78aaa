"""Log lines in Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current)."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from typing import Any

import structlog

from telemetry.failures import error_fields
from telemetry.log_fields import FIELDS, Kind
from telemetry.redaction import without_credentials, without_values

ECS_VERSION = "8.11.0"
DATASET = "quizrun"
MAX_MESSAGE_CHARS = 8_000
MAX_KEYWORD_CHARS = 300
MAX_OUTPUT_CHARS = 2_000
MAX_ITEMS = 20

_CONSUMED = frozenset(
    {"event", "level", "logger", "timestamp", "error", "exc_info", "stack_info", "message"}
)


class EcsMapping:
    """Maps an event to ECS fields; the last structlog processor before the renderer.

    Our own events are names such as `question.opened`, which become `event.action`; a library's are
    sentences. `error` is an exception logged without its stack trace, `exc_info` one with it.
    """

    def __init__(self, *, service: str, node: str, version: str) -> None:
        self._constant = {
            "ecs.version": ECS_VERSION,
            "event.dataset": DATASET,
            "service.name": service,
            "service.node.name": node,
            "service.version": version,
            "process.pid": os.getpid(),
        }
        self._numbers = itertools.count(1)

    def __call__(
        self, _logger: Any, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        """Map one event."""
        ours = not event.pop("_from_library", False)
        name = str(event.get("event", ""))[:MAX_MESSAGE_CHARS]
        line: dict[str, Any] = {
            "@timestamp": event.get("timestamp"),
            "log.level": event.get("level", "info"),
            "message": (without_credentials if ours else without_values)(name),
        }
        if ours:
            line["event.action"] = name[:MAX_KEYWORD_CHARS]
        if event.get("logger"):
            line["log.logger"] = event["logger"]
        line.update(self._constant)
        # Orders the lines of one process that have the same timestamp.
        line["event.sequence"] = next(self._numbers)
        line.update(_own_fields(event))
        line.update(_error(event))
        return line


def _own_fields(event: structlog.typing.EventDict) -> dict[str, Any]:
    fields, dropped = {}, []
    for key, value in event.items():
        if key in _CONSUMED or key.startswith("_") or value is None:
            continue
        field = FIELDS.get(key)
        if field is None:
            dropped.append(str(key)[:MAX_KEYWORD_CHARS])
        else:
            fields[field.name] = _value(value, field.kind)
    if dropped:
        fields[FIELDS["dropped_fields"].name] = dropped[:MAX_ITEMS]
    return {name: value for name, value in fields.items() if value is not None}


def _value(value: Any, kind: Kind) -> Any:
    """Convert `value` to its type in the index; None if that is impossible."""
    match kind:
        case "boolean":
            return bool(value)
        case "long" | "float":
            numeric = isinstance(value, int | float) and not isinstance(value, bool)
            return (int if kind == "long" else float)(value) if numeric else None
        case "output":
            return without_values(str(value))[-MAX_OUTPUT_CHARS:]
        case "keyword":
            if isinstance(value, Iterable) and not isinstance(value, str):
                return [_keyword(item) for item in itertools.islice(value, MAX_ITEMS)]
            return _keyword(value)


def _keyword(value: Any) -> str:
    return without_credentials(str(value)[:MAX_KEYWORD_CHARS])


def _error(event: structlog.typing.EventDict) -> dict[str, str]:
    raised = event.get("exc_info")
    if isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        return error_fields(raised, stack=True)
    error = event.get("error")
    if isinstance(error, BaseException):
        return error_fields(error, stack=False)
    return {} if error is None else {"error.message": without_values(str(error))}
