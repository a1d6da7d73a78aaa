"""Configure error reports and traces in the web client's page.

The reporting script loads asynchronously, so that it does not delay the application.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from gateway.settings import GatewaySettings

MANIFEST = ".vite/reports.json"
ENTRY = "src/telemetry/entry.ts"

_log = structlog.get_logger()


class ClientReports:
    """Adds the reporting script and its configuration to the page."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._web_dir = settings.web_dir
        self._config = _config(settings)

    def insert_into(self, page: str) -> str:
        """Insert the script before the page's first one, if reports are configured."""
        if not self._config:
            return page
        entry = _entry(self._web_dir)
        if entry is None:
            _log.warning("web.reports_not_built", file=str(self._web_dir / MANIFEST))
            return page
        content = html.escape(json.dumps(self._config, separators=(",", ":")))
        tags = (
            f'<meta name="quizrun-reports" content="{content}" />'
            f'<script type="module" async crossorigin src="/{entry}"></script>'
        )
        return page.replace("<script", f"{tags}<script", 1)


def report_origins(settings: GatewaySettings) -> list[str]:
    """Return the origins to which the web client sends reports and traces."""
    addresses = (settings.web_sentry_dsn, settings.web_traces_url)
    parts = [urlsplit(address) for address in addresses if address]
    origins = [f"{part.scheme}://{part.netloc.rpartition('@')[2]}" for part in parts]
    return list(dict.fromkeys(origins))


def _config(settings: GatewaySettings) -> dict[str, Any]:
    """Return the script's configuration (`web/src/telemetry/config.ts`); empty if disabled."""
    config: dict[str, Any] = {}
    if settings.web_sentry_dsn:
        config["sentry"] = {
            "dsn": settings.web_sentry_dsn,
            "sample_rate": settings.web_sentry_sample_rate,
        }
    if settings.web_traces_url:
        config["traces"] = {
            "url": settings.web_traces_url,
            "rate": settings.trace_sample_rate,
            "share": settings.web_trace_share,
        }
    if config:
        config |= {"release": settings.release_name, "environment": settings.environment}
    return config


def _entry(web_dir: Path) -> str | None:
    try:
        manifest = json.loads((web_dir / MANIFEST).read_text())
        return str(manifest[ENTRY]["file"])
    except (OSError, ValueError, KeyError):
        return None
