"""Error reports to Sentry: what is logged as an error, without personal data.

Disabled unless a DSN is configured.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import sentry_sdk
import structlog
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration

from telemetry.report_limit import ReportLimit
from telemetry.reporting import ReportingSettings
from telemetry.scrubbing import scrub

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

QUEUE = 50
"""Events that may wait to be sent; more are dropped."""
SHUTDOWN_S = 2
"""How long sending the last events may delay the end of the process."""
BREADCRUMBS = 20
TAGS = ("run_id", "question", "signal", "topic", "namespace", "client_event", "method", "process")
"""Fields of a log line that become tags: our own names and ids, nothing that people typed."""

KEPT = ("event_id", "release", "environment", "sdk")
LEFT_OUT = ("request", "user", "extra", "modules")

log = structlog.get_logger()


def configure_error_reports(
    settings: ReportingSettings, process: str, expected: tuple[type[BaseException], ...] = ()
) -> None:
    """Report what is logged as an error from now on, if a DSN is configured.

    `expected` are errors that are part of normal operation, such as refusals.
    """
    if not settings.sentry_dsn:
        return
    ordinary = (*expected, asyncio.CancelledError, KeyboardInterrupt)
    limit = ReportLimit()

    def before_send(event: Event, hint: Hint) -> Event | None:
        kind, error, _ = hint.get("exc_info") or (None, None, None)
        if kind is not None and isinstance(error, ordinary):
            return None
        suppressed = limit.admit(_name(event))
        if suppressed is None:
            return None
        if suppressed:
            event.setdefault("tags", {})["suppressed"] = str(suppressed)
        return _clean(event)

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        server_name=process,
        environment=settings.environment,
        release=settings.release_name,
        sample_rate=settings.sentry_sample_rate,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=BREADCRUMBS,
        transport_queue_size=QUEUE,
        shutdown_timeout=SHUTDOWN_S,
        auto_session_tracking=False,
        # Only these: other integrations read requests, headers, statements and arguments.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            ExcepthookIntegration(),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
        before_send=before_send,
        before_breadcrumb=lambda crumb, _hint: scrub(crumb),
    )


def report(error: BaseException) -> None:
    """Log an unexpected error with its traceback, which also reports it to Sentry."""
    log.error("error.unexpected", exc_info=error)


def report_errors(
    _logger: Any, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Report errors, and keep other lines as breadcrumbs; a structlog processor.

    A library's lines count as errors only if they have an exception.
    """
    if sentry_sdk.is_initialized():
        level, message = line.get("level"), str(line.get("event"))
        if level not in ("error", "critical"):
            sentry_sdk.add_breadcrumb(
                category="log", message=message, level=level, data=_tags(line)
            )
        else:
            error = _exception(line.get("exc_info"))
            if error is not None:
                _report_exception(error, message, line)
            elif "_record" not in line:
                _report_message(message, line)
    return line


def _report_exception(error: BaseException, message: str, line: Mapping[str, Any]) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_tags(_tags(line))
        scope.set_context("log", {"event": message})
        scope.capture_exception(error)


def _report_message(message: str, line: Mapping[str, Any]) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_tags(_tags(line))
        scope.capture_message(message, level="error")


def _tags(line: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(line[name])[:200] for name in TAGS if line.get(name) is not None}


def _exception(info: Any) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


def _name(event: Event) -> str:
    """The key by which reports are limited: exception type and where it was raised."""
    values = (event.get("exception") or {}).get("values") or []
    if not values:
        return str((event.get("logentry") or {}).get("message") or event.get("message"))
    last = values[-1]
    frames = (last.get("stacktrace") or {}).get("frames") or [{}]
    return f"{last.get('type')} {frames[-1].get('module')} {frames[-1].get('lineno')}"


def _clean(event: Event) -> Event:
    """Remove personal data from an event, except its own metadata (`KEPT`)."""
    fields = cast("dict[str, Any]", event)
    kept = {key: fields[key] for key in KEPT if key in fields}
    for key in LEFT_OUT:
        fields.pop(key, None)
    for exception in (event.get("exception") or {}).get("values") or []:
        for frame in (exception.get("stacktrace") or {}).get("frames") or []:
            frame.pop("vars", None)
    return cast("Event", {**scrub(event), **kept})
