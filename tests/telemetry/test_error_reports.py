from __future__ import annotations

import logging
from typing import Any

import pytest
import sentry_sdk
import structlog
from pydantic import ValidationError

from quiz.errors import ErrorCode, QuizrunError
from telemetry import errors
from telemetry.errors import configure_error_reports
from telemetry.report_limit import MAX_PER_KIND, MAX_REPORTS, ReportLimit
from telemetry.reporting import ReportingSettings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_repeated_error_is_reported_a_few_times_with_the_number_suppressed() -> None:
    clock = Clock()
    limit = ReportLimit(clock)
    reported = [limit.admit("RuntimeError here") for _ in range(1_000)]
    assert reported == [0] * MAX_PER_KIND + [None] * (1_000 - MAX_PER_KIND)
    assert limit.admit("another") == 0
    clock.now = 61
    assert limit.admit("RuntimeError here") == 1_000 - MAX_PER_KIND
    assert limit.admit("RuntimeError here") == 0


def test_a_thousand_different_errors_are_limited() -> None:
    limit = ReportLimit(Clock())
    reported = [limit.admit(f"kind {number}") for number in range(1_000)]
    assert len([one for one in reported if one is not None]) == MAX_REPORTS


def test_without_settings_nothing_is_reported_and_the_release_is_the_packages() -> None:
    settings = ReportingSettings()
    assert (settings.sentry_dsn, settings.otlp_endpoint) == ("", "")
    assert settings.release_name.startswith("quizrun@")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sentry_dsn": "sentry.example.org"},
        {"otlp_endpoint": "collector:4318"},
        {"trace_sample_rate": 2},
        {"release": "two words"},
    ],
)
def test_invalid_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReportingSettings(**wrong)  # type: ignore[arg-type]


def options_of(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> dict[str, Any]:
    """The options with which the SDK is initialised."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(sentry_sdk, "init", lambda **options: given.update(options))
    configure_error_reports(ReportingSettings(**settings), "gateway-1", expected=(QuizrunError,))
    return given


def test_without_a_dsn_the_sdk_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options_of(monkeypatch) == {}


def test_refusals_are_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    before_send = options_of(monkeypatch, sentry_dsn="https://k@errors.example/1")["before_send"]
    for error, reported in (
        (QuizrunError(ErrorCode.UNAVAILABLE, "The database is away."), False),
        (RuntimeError("a fault"), True),
    ):
        hint = {"exc_info": (type(error), error, None)}
        assert (before_send({"message": "x"}, hint) is not None) is reported


def test_the_sdks_default_data_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    options = options_of(monkeypatch, sentry_dsn="https://k@errors.example/1")
    assert options["send_default_pii"] is False
    assert options["include_local_variables"] is False
    assert options["max_request_body_size"] == "never"
    assert options["default_integrations"] is False
    event = {
        "event_id": "1" * 32,
        "request": {"headers": {"Cookie": "session=abc"}},
        "user": {"ip_address": "192.0.2.1"},
        "exception": {
            "values": [
                {
                    "type": "KeyError",
                    "value": "ada@example.org",
                    "stacktrace": {"frames": [{"module": "m", "vars": {"password": "hunter2"}}]},
                }
            ]
        },
    }
    assert options["before_send"](event, {}) == {
        "event_id": "1" * 32,
        "exception": {
            "values": [
                {
                    "type": "KeyError",
                    "value": "[email]",
                    "stacktrace": {"frames": [{"module": "m"}]},
                }
            ]
        },
    }


def test_errors_of_libraries_are_reported_when_they_have_an_exception(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported: list[tuple[str, str]] = []
    monkeypatch.setattr(sentry_sdk, "is_initialized", lambda: True)
    monkeypatch.setattr(
        errors, "_report_exception", lambda error, said, _: reported.append((repr(error), said))
    )
    monkeypatch.setattr(errors, "_report_message", lambda said, _: reported.append(("", said)))
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, errors.report_errors],
        processors=[structlog.processors.KeyValueRenderer()],
    )
    fault = ValueError("a fault")
    for exc_info in (None, (ValueError, fault, None)):
        formatter.format(
            logging.LogRecord("asyncio", logging.ERROR, "", 1, "never retrieved", (), exc_info)
        )
    assert reported == [(repr(fault), "never retrieved")]
    errors.report_errors(None, "error", {"level": "error", "event": "reveal without solution"})
    errors.report_errors(None, "error", {"level": "error", "event": "failed", "exc_info": fault})
    assert reported[1:] == [("", "reveal without solution"), (repr(fault), "failed")]
