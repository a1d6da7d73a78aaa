"""A fault while a secret is handled leaves it in no error report and no log line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from db.accounts import Accounts
from gateway.http.problems import HttpCode
from telemetry.errors import configure_error_reports
from telemetry.logs import configure_logging
from telemetry.reporting import ReportingSettings
from tests.gateway.http.conftest import Api, assert_problem, registration

PASSWORD = "Zebulon-hunter2-staple"
NAME, CODE = "zebulon", "query-t0ken"
HEADERS = {
    "Cookie": "theme=dark; quizrun_session=sess10n-value",
    "Authorization": "Bearer header-t0ken",
    "X-Forwarded-For": "192.0.2.77",
}
SECRETS = (PASSWORD, NAME, CODE, "sess10n-value", "header-t0ken", "192.0.2.77")


class LocalTransport(Transport):
    """Keeps events instead of sending them."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(dict(event))


@pytest.fixture
def reports() -> Iterator[LocalTransport]:
    settings = ReportingSettings(sentry_dsn="http://public@127.0.0.1:9/1")
    configure_error_reports(settings, "gateway-1")
    client = sentry_sdk.get_client()
    assert client.transport is not None
    client.transport.kill()
    client.transport = transport = LocalTransport()
    yield transport
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    structured = structlog.get_config()
    configure_logging("debug", "gateway-1")
    root.handlers[0].setStream(written := io.StringIO())  # type: ignore[attr-defined]
    yield written
    root.handlers[:] = before
    structlog.configure(**structured)


async def test_no_secret_of_a_request_reaches_an_error_report_or_a_log_line(
    api: Api,
    anyone: httpx.AsyncClient,
    reports: LocalTransport,
    lines: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = registration(email=f"{NAME}@example.com", password=PASSWORD)
    credentials = {"email": given["email"], "password": PASSWORD}

    async def fails(_: Accounts, email: str) -> None:
        seen = {"headers": HEADERS, "url": str(request.url), "credentials": credentials}
        structlog.get_logger().info("accounts.asked", path=str(request.url))
        logging.getLogger("some.library").warning("cookies of %r: %s", email, HEADERS["Cookie"])
        raise RuntimeError(f"cannot read {email!r} for {seen} at {request.url}")

    request = anyone.build_request(
        "POST", f"/auth/login?code={CODE}", json=credentials, headers=HEADERS
    )
    monkeypatch.setattr(Accounts, "by_email", fails)
    assert_problem(await anyone.send(request), 500, HttpCode.INTERNAL)

    (event,) = reports.events
    sent, logged = json.dumps(event, default=str), lines.getvalue()
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["breadcrumbs"]["values"]
    assert not {"request", "user", "extra"} & event.keys()
    assert '"vars"' not in sent
    assert "http.request_failed" in logged
    assert "some.library" in logged
    for secret in SECRETS:
        assert secret not in sent, sent[max(0, sent.index(secret) - 300) :]
        assert secret not in logged


async def test_bodies_hide_their_secrets_even_where_they_are_printed() -> None:
    from gateway.http.accounts import Credentials, Registration  # noqa: PLC0415
    from gateway.http.passwords import Reset  # noqa: PLC0415
    from gateway.http.second_factor import SecondFactor  # noqa: PLC0415

    bodies = [
        Registration.model_validate(registration(password=PASSWORD)),
        Credentials.model_validate({"email": "a@b.c", "password": PASSWORD}),
        Reset.model_validate({"token": PASSWORD, "password": PASSWORD}),
        SecondFactor.model_validate({"token": PASSWORD, "code": PASSWORD}),
    ]
    for body in bodies:
        assert PASSWORD not in f"{body!r} {body} {body.model_dump()}"
