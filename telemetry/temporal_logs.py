"""Logging of the Temporal SDK's core, which would otherwise print lines in its own format."""

from __future__ import annotations

import logging

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    TelemetryFilter,
)


def core_logging() -> LoggingConfig:
    """Forward the core's warnings and errors to our logs."""
    return LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(
            logger=logging.getLogger("temporalio.core"), append_target_to_name=False
        ),
    )
