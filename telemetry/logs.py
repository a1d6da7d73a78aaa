"""Structured logs: one JSON object per line in Elastic Common Schema; plain text on a terminal.

Our own and the libraries' records pass through one pipeline: they are sampled, redacted and mapped
to ECS, and go to standard output or a rotated file.
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

    `process` is the name of this process among those of the `service`. Lines go to the file `path`,
    rotated at `max_bytes` with `backups` old files, or else to standard output.
    """
    min_level = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            *_SHARED,
            # Resolved here, while the exception is current; formatted after sampling.
            _resolve_exc_info,
            report_errors,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(min_level),
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
    _set_levels(root, min_level)
    # The report of a line that could not be written would contain the unredacted line.
    logging.raiseExceptions = False
    log_uncaught_exceptions()


def _set_levels(root: logging.Logger, min_level: int) -> None:
    # Libraries log at `info` or above: their debug output contains data, such as rows.
    root.setLevel(max(min_level, logging.INFO))
    for ours in (*OUR_LOGGERS, "__main__"):
        logging.getLogger(ours).setLevel(min_level)
    for noisy in ("engineio.server", "socketio.server", "httpx", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # Logs errors ten times a second while a broker is down; our own code logs the outage once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    # Logs failed attempts with tracebacks; `workers.log_context` logs them in one line.
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)


def _formatter(mapping: EcsMapping, *, readable: bool) -> structlog.stdlib.ProcessorFormatter:
    last: list[structlog.typing.Processor] = [
        _mark_library_records,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        mapping,
        *([_for_terminal, structlog.dev.ConsoleRenderer()] if readable else [_to_json]),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, report_errors], processors=last
    )


def _mark_library_records(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    record = event["_record"]
    if not event["_from_structlog"]:
        if record.name == Sampler.LOGGER:  # ours; its message is a dict of fields
            return {**event, **record.msg}
        event["_from_library"] = True
    return event


def _resolve_exc_info(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if event.get("exc_info") is True:
        event["exc_info"] = sys.exc_info()
    return event


def _for_terminal(
    _logger: Any, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Map a line back to structlog's field names, without constant fields."""
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
