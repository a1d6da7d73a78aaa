"""Exceptions that nobody caught: logged like all others, instead of printed with their data."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger(__name__)


def log_uncaught_exceptions() -> None:
    """Send what Python would print on standard error to the log, warnings included."""
    sys.excepthook = _on_exception
    sys.unraisablehook = _on_unraisable
    threading.excepthook = _on_thread_exception
    logging.captureWarnings(capture=True)


def _on_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("process.crashed", exc_info=(kind, error, trace))


def _on_unraisable(found: Any) -> None:
    log.warning("process.exception_ignored", exc_info=found.exc_value)


def _on_thread_exception(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
        log.error("thread.crashed", exc_info=found.exc_value)
