"""Error reports to Sentry, where a DSN is configured."""

from __future__ import annotations

import sentry_sdk
import structlog

log = structlog.get_logger()


def switch_on_error_reports(dsn: str, process: str) -> None:
    """Without a DSN, errors are only logged."""
    if dsn:
        sentry_sdk.init(dsn=dsn, server_name=process, send_default_pii=False)


def report(error: BaseException) -> None:
    """Records an unexpected error with its traceback."""
    log.error("error.unexpected", exc_info=error)
    sentry_sdk.capture_exception(error)
