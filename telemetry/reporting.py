"""Settings of error reports and traces, alike in all processes."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from pydantic import Field

from telemetry.environment import EnvironmentSettings

DSN = r"^(https?://[^\s@/:]+(:[^\s@/]+)?@[^\s@/]+/.+)?$"
WEB_ADDRESS = r"^(https?://[^\s;,'\"]+)?$"


class ReportingSettings(EnvironmentSettings):
    """Where errors and traces go. Without an address there are none."""

    environment: str = Field("production", pattern=r"^[^\s/]{1,64}$")
    """What reports and traces say of where they come from, such as ``staging``."""
    release: str = Field("", pattern=r"^[^\s/\\]{0,200}$")
    """The release that runs, as ``quizrun@0.1.0+abc1234``; without it, the package's version."""
    sentry_dsn: str = Field("", pattern=DSN)
    """The DSN of Sentry's project for gateways and workers."""
    sentry_sample_rate: float = Field(1.0, ge=0, le=1)
    """The share of errors that is reported."""
    otlp_endpoint: str = Field("", pattern=WEB_ADDRESS)
    """Where traces are sent by OTLP over HTTP, such as ``http://collector:4318/v1/traces``."""
    trace_sample_rate: float = Field(0.01, ge=0, le=1)
    """The share of questions that is traced; to be the same in all processes."""

    @property
    def release_name(self) -> str:
        """The release under which Sentry and traces know this process."""
        return self.release or f"quizrun@{_installed_version()}"


def _installed_version() -> str:
    try:
        return version("quizrun")
    except PackageNotFoundError:  # run from a directory that nobody installed
        return "0"
