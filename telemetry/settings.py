"""What a process is told through its environment, all under the prefix ``QUIZRUN_``."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from telemetry.reporting import ReportingSettings


class ServerSettings(ReportingSettings):
    """The settings that the gateway and the workers have in common."""

    model_config = SettingsConfigDict(env_prefix="QUIZRUN_", frozen=True)

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
    log_level: str = "INFO"
