"""Settings of the local stack, from environment variables with the prefix ``QUIZRUN_``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from telemetry.environment import EnvironmentSettings


def _default_data_dir() -> Path:
    """Return ``.quizrun`` in the checkout, or outside of one in the current directory."""
    checkout = Path(__file__).resolve().parents[2]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / ".quizrun"


class Settings(EnvironmentSettings):
    """Settings of the local stack. A URL here replaces an embedded server."""

    data_dir: Path = Field(default_factory=_default_data_dir)
    """The data directory of the local servers; by default `.quizrun` in the checkout."""
    # 127.0.0.1 is this machine only; 0.0.0.0 lets the phones of a room in.
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=1, le=65_535)
    temporal_ui_port: int = Field(default=8233, ge=1, le=65_535)
    """The port of the Temporal UI."""
    log_level: str = "info"
    public_url: str | None = None
    secret: str | None = None
    database_url: str | None = None
    redis_url: str | None = None
    kafka_bootstrap: str | None = None
    temporal_address: str | None = None
    temporal_namespace: str = "default"

    def external_env(self) -> dict[str, str]:
        """The addresses of external servers, by environment variable."""
        given = {
            "QUIZRUN_DATABASE_URL": self.database_url,
            "QUIZRUN_REDIS_URL": self.redis_url,
            "QUIZRUN_KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "QUIZRUN_TEMPORAL_ADDRESS": self.temporal_address,
        }
        return {name: value for name, value in given.items() if value}
