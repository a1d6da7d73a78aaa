from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.http.client_reports import ClientReports
from gateway.http.pages import client_policy
from gateway.settings import GatewaySettings

PAGE = '<!doctype html><head><script type="module" src="/assets/index-a1.js"></script></head>'
DSN = "https://public@errors.example:8443/7"
TRACES = "https://traces.example/v1/traces"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build directory."""
    (tmp_path / ".vite").mkdir()
    manifest = {"src/telemetry/entry.ts": {"file": "assets/reports-b2.js"}}
    (tmp_path / ".vite/reports.json").write_text(json.dumps(manifest))
    return tmp_path


def settings(web_dir: Path, **more: Any) -> GatewaySettings:
    return GatewaySettings(
        database_url="postgresql://db/x",
        redis_url="redis://r",
        kafka_bootstrap="k:9092",
        temporal_address="t:7233",
        secret="0123456789abcdef0123456789abcdef",
        web_dir=web_dir,
        **more,
    )


def test_a_page_without_reports_is_unchanged(built: Path) -> None:
    plain = settings(built)
    assert ClientReports(plain).insert_into(PAGE) == PAGE
    assert "connect-src 'self' ws://localhost:8000;" in client_policy(plain)


def test_a_page_with_reports_loads_them_first_and_may_send_them(built: Path) -> None:
    both = settings(
        built, web_sentry_dsn=DSN, web_traces_url=TRACES, release="q@1", environment='a"b'
    )
    page = ClientReports(both).insert_into(PAGE)
    assert page.index("/assets/reports-b2.js") < page.index("/assets/index-a1.js")
    content = re.search(r'<meta name="quizrun-reports" content="([^"]*)" />', page)
    assert content is not None
    assert json.loads(html.unescape(content[1])) == {
        "sentry": {"dsn": DSN, "sample_rate": 1.0},
        "traces": {"url": TRACES, "rate": 0.01, "share": 0.05},
        "release": "q@1",
        "environment": 'a"b',
    }
    origins = "https://errors.example:8443 https://traces.example"
    assert f"connect-src 'self' ws://localhost:8000 {origins};" in client_policy(both)


def test_a_client_built_without_reports_is_served_without_them(tmp_path: Path) -> None:
    assert ClientReports(settings(tmp_path, web_sentry_dsn=DSN)).insert_into(PAGE) == PAGE
