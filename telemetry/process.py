"""What a process of ours turns on before it does anything else."""

from __future__ import annotations

from telemetry.errors import switch_on_error_reports
from telemetry.logs import switch_on_logs
from telemetry.settings import ServerSettings


def switch_on_telemetry(
    settings: ServerSettings, service: str, expected: tuple[type[BaseException], ...]
) -> None:
    """Turn on the logs and error reports of `service`; `expected` errors are not reported."""
    switch_on_logs(
        settings.log_level,
        settings.process_name,
        service=service,
        path=settings.log_path,
        max_bytes=settings.log_max_bytes,
        backups=settings.log_backups,
    )
    switch_on_error_reports(settings, settings.process_name, expected)
