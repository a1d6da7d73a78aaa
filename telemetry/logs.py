"""Structured logs: one JSON object a line in Elastic Common Schema, readable on a terminal.

Our own and the libraries' records take one way: sampled, cleaned of what people have entered, and
mapped to ECS. They go to standard output, or to a file that is rotated.
"""

from __future__ import annotations

import logging
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import orjson
import structlog

from telemetry.ecs import EcsMapping
from telemetry.errors import report_errors
from telemetry.log_file import BACKUPS, MAX_BYTES, LogFile
from telemetry.sampling import Sampler
from telemetry.tracing import add_trace_ids
from telemetry.uncaught import log_uncaught_exceptions

OUR_LOGGERS = ("activities", "bus", "db", "deploy", "gateway", "quiz", "telemetry", "workers")

_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    add_trace_ids,
)


def configure_logging(
    level: str,
    process: str,
    *,
    service: str = "quizrun",
    path: Path | None = None,
    max_bytes: int = MAX_BYTES,
    backups: int = BACKUPS,
) -> None:
    """Send our own and the libraries' log records through one pipeline.

    `process` tells this process from others of the same `service`. Without `path` lines go to
    standard output, else to that file, of which so many `backups` of `max_bytes` are kept.
    """
    least = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            *_SHARED,
            # Resolved here, where the exception is the current one; formatted behind the sampler.
            _resolve_exc_info,
            report_errors,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler: logging.Handler = logging.StreamHandler(sys.stdout)
    if path is not None:
        handler = LogFile(path, max_bytes=max_bytes, backups=backups)
    mapping = EcsMapping(service=service, node=process, version=_version())
    handler.addFilter(Sampler())
    handler.setFormatter(_formatter(mapping, readable=path is None and sys.stdout.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    _set_levels(root, least)
    # Its report of a line that could not be written would repeat the line as it was.
    logging.raiseExceptions = False
    log_uncaught_exceptions()


def _set_levels(root: logging.Logger, least: int) -> None:
    """Libraries never say more than `info`: their debugging output is data, such as rows."""
    root.setLevel(max(least, logging.INFO))
    for ours in (*OUR_LOGGERS, "__main__"):
        logging.getLogger(ours).setLevel(least)
    for noisy in ("engineio.server", "socketio.server", "httpx", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # While a broker is away it logs an error ten times a second; our own code says so once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    # It tells each failed attempt with a traceback; `workers.log_context` does in a line.
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)


def _formatter(mapping: EcsMapping, *, readable: bool) -> structlog.stdlib.ProcessorFormatter:
    last: list[structlog.typing.Processor] = [
        _note_library,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        mapping,
        *([_for_people, structlog.dev.ConsoleRenderer()] if readable else [_to_json]),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, report_errors], processors=last
    )


def _note_library(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A library's record has arguments of its own, and its text is not a name of ours."""
    record = event["_record"]
    if not event["_from_structlog"]:
        if record.name == Sampler.LOGGER:  # fields rather than a sentence
            return {**event, **record.msg}
        event["_from_library"] = True
    return event


def _resolve_exc_info(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if event.get("exc_info") is True:
        event["exc_info"] = sys.exc_info()
    return event


def _for_people(
    _logger: Any, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A line in the words of structlog, without what is the same in all lines."""
    kept = {
        name: value
        for name, value in line.items()
        if name.startswith(("quizrun.", "error.", "http.", "url.")) and name != "error.stack_trace"
    }
    shown = {
        "timestamp": line["@timestamp"],
        "level": line["log.level"],
        "event": line["message"],
        **kept,
    }
    if "error.stack_trace" in line:
        shown["exception"] = line["error.stack_trace"]
    return shown


def _to_json(_logger: Any, _method: str, line: structlog.typing.EventDict) -> str:
    return orjson.dumps(line, default=str).decode()


def _version() -> str:
    try:
        return metadata.version("quizrun")
    except metadata.PackageNotFoundError:
        return "unknown"
