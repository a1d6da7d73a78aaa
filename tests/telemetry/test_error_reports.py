from __future__ import annotations

import pytest
from pydantic import ValidationError

from telemetry.report_limit import IN_ALL, PER_KIND, ReportLimit
from telemetry.reporting import ReportingSettings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_error_that_repeats_is_told_a_few_times_and_how_many_were_left_out() -> None:
    clock = Clock()
    limit = ReportLimit(clock)
    told = [limit.admit("RuntimeError here") for _ in range(1_000)]
    assert told == [0] * PER_KIND + [None] * (1_000 - PER_KIND)
    assert limit.admit("another") == 0
    clock.now = 61
    assert limit.admit("RuntimeError here") == 1_000 - PER_KIND
    assert limit.admit("RuntimeError here") == 0


def test_a_thousand_different_errors_are_not_all_told() -> None:
    limit = ReportLimit(Clock())
    told = [limit.admit(f"kind {number}") for number in range(1_000)]
    assert len([one for one in told if one is not None]) == IN_ALL


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
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReportingSettings(**wrong)  # type: ignore[arg-type]
