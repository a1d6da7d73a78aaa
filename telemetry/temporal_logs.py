"""Log lines of the Temporal SDK's core, which would otherwise print them in a form of its own."""

from __future__ import annotations

import logging

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    TelemetryFilter,
)


def core_logging() -> LoggingConfig:
    """How the core's warnings and errors get into our logs."""
    return LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(
            logger=logging.getLogger("temporalio.core"), append_target_to_name=False
        ),
    )
