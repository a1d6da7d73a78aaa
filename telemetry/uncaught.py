"""Logging of uncaught exceptions, which Python would print without redaction."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger(__name__)


def log_uncaught_exceptions() -> None:
    """Log uncaught exceptions and warnings instead of printing them to standard error."""
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


def _on_unraisable(args: Any) -> None:
    log.warning("process.exception_ignored", exc_info=args.exc_value)


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        log.error("thread.crashed", exc_info=args.exc_value)
