"""What the page tells the web client of error reports and traces, where they are configured: the
script that does it is put in front of the application, which does not wait for it, and its servers
into the content policy.
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
    """The part of the page that switches reports on."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._web_dir = settings.web_dir
        self._config = _config(settings)

    def put_into(self, page: str) -> str:
        """The page with the script before its first one; as it is where nothing is configured."""
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
    """The servers that the web client sends reports and traces to."""
    addresses = (settings.web_sentry_dsn, settings.web_traces_url)
    parts = [urlsplit(address) for address in addresses if address]
    origins = [f"{part.scheme}://{part.netloc.rpartition('@')[2]}" for part in parts]
    return list(dict.fromkeys(origins))


def _config(settings: GatewaySettings) -> dict[str, Any]:
    """See `web/src/telemetry/config.ts`; empty where nothing is to be reported."""
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
