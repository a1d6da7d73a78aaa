"""Settings of error reports and traces, shared by all processes."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from pydantic import Field

from telemetry.environment import EnvironmentSettings

DSN = r"^(https?://[^\s@/:]+(:[^\s@/]+)?@[^\s@/]+/.+)?$"
WEB_ADDRESS = r"^(https?://[^\s;,'\"]+)?$"


class ReportingSettings(EnvironmentSettings):
    """Destinations of error reports and traces. Without an address, nothing is sent."""

    environment: str = Field("production", pattern=r"^[^\s/]{1,64}$")
    """The environment named in reports and traces, such as ``staging``."""
    release: str = Field("", pattern=r"^[^\s/\\]{0,200}$")
    """The release, such as ``quizrun@0.1.0+abc1234``; by default the package's version."""
    sentry_dsn: str = Field("", pattern=DSN)
    """The Sentry DSN for gateways and workers."""
    sentry_sample_rate: float = Field(1.0, ge=0, le=1)
    """The share of errors to report."""
    otlp_endpoint: str = Field("", pattern=WEB_ADDRESS)
    """The OTLP/HTTP URL for traces, such as ``http://collector:4318/v1/traces``."""
    trace_sample_rate: float = Field(0.01, ge=0, le=1)
    """The share of questions to trace; must be the same in all processes."""

    @property
    def release_name(self) -> str:
        """The release named in reports and traces."""
        return self.release or f"quizrun@{_installed_version()}"


def _installed_version() -> str:
    try:
        return version("quizrun")
    except PackageNotFoundError:  # run from a source directory without installation
        return "0"
