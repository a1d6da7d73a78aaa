"""Configuration of logs and error reports, to be done first in every process."""

from __future__ import annotations

from telemetry.errors import configure_error_reports
from telemetry.logs import configure_logging
from telemetry.settings import ServerSettings


def configure_telemetry(
    settings: ServerSettings, service: str, expected: tuple[type[BaseException], ...]
) -> None:
    """Configure logs and error reports of `service`; errors in `expected` are not reported."""
    configure_logging(
        settings.log_level,
        settings.process_name,
        service=service,
        path=settings.log_path,
        max_bytes=settings.log_max_bytes,
        backups=settings.log_backups,
    )
    configure_error_reports(settings, settings.process_name, expected)
