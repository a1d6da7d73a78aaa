"""What a process is told through its environment, all under the prefix ``QUIZRUN_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

LEVELS = "(?i)^(debug|info|warning|error|critical)$"


class ServerSettings(BaseSettings):
    """The settings that the gateway and the workers have in common."""

    model_config = SettingsConfigDict(env_prefix="QUIZRUN_", frozen=True, hide_input_in_errors=True)

    database_url: str
    redis_url: str
    kafka_bootstrap: str
    kafka_idempotence: bool = True
    """Off only for brokers without idempotent producers, such as the embedded one."""
    kafka_replication_factor: int | None = Field(None, ge=1)
    """Replicas of each topic that is created; without it, the cluster's own default."""
    kafka_partitions: int = Field(4, ge=1)
    """Partitions of each topic that is created."""
    temporal_address: str
    temporal_namespace: str = "default"
    secret: SecretStr = Field(min_length=32)
    """Signs player and access tokens; the same for all gateways."""
    public_url: str = "http://localhost:8000"
    process_name: str = "quizrun"
    log_level: Annotated[str, StringConstraints(pattern=LEVELS)] = "INFO"
    log_file: Path | None = None
    """Where log lines go instead of standard output; rotated by the process itself."""
    log_file_max_bytes: int = Field(10 * 1024 * 1024, ge=1_000)
    log_file_backups: int = Field(4, ge=0, le=100)
    """How many older files are kept."""
    sentry_dsn: str = ""
