"""Settings of the processes, from environment variables with the prefix ``QUIZRUN_``.

`docs/configuration.md` is generated from these classes: a field's docstring is its description.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from telemetry.environment import EnvironmentSettings, variable_of
from telemetry.reporting import ReportingSettings
from telemetry.rules import address_faults, pair_faults, parse_codec_keys


class DatabaseSettings(EnvironmentSettings):
    """How to reach PostgreSQL."""

    database_url: SecretStr
    """`postgresql://user:password@host:port/database`. TLS uses libpq's parameters:
    `?sslmode=verify-full&sslrootcert=/path/ca.pem`, with `sslcert` and `sslkey` for mTLS."""
    database_password: SecretStr | None = None
    """The password, if it is not part of the URL. Its file is read for every new connection, so the
    password can be rotated while processes run."""
    database_pooler: Literal["none", "transaction"] = "none"
    """Set to `transaction` behind PgBouncer in transaction mode."""
    database_pool_size: int = Field(10, ge=1)
    """The maximum number of connections per process."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        known = ("postgresql://", "postgres://", "postgresql+psycopg://")
        wrong = not self.database_url.get_secret_value().startswith(known)
        return [
            *super().faults(),
            *(["QUIZRUN_DATABASE_URL does not start with postgresql://."] if wrong else []),
        ]


class RedisSettings(EnvironmentSettings):
    """How to reach Redis or Valkey."""

    redis_url: SecretStr
    """`redis://user:password@host:port/0`, or `rediss://` with TLS. Sentinel:
    `redis+sentinel://user:password@host:26379,host:26379/master-name/0`. Cluster:
    `redis+cluster://user:password@host:6379,host:6379`. With TLS these start with `rediss+`."""
    redis_password: SecretStr | None = None
    """The password, if it is not part of the URL."""
    redis_sentinel_username: str = ""
    """The ACL user for the Sentinels themselves."""
    redis_sentinel_password: SecretStr | None = None
    """The password for the Sentinels themselves."""
    redis_ca_file: str = ""
    """A PEM file with the certificate authorities to trust; by default the system's."""
    redis_cert_file: str = ""
    """A PEM file with a client certificate."""
    redis_key_file: str = ""
    """A PEM file with the private key of the client certificate."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        schemes = [
            f"{scheme}{mode}://"
            for scheme in ("redis", "rediss")
            for mode in ("", "+sentinel", "+cluster")
        ]
        faults, url = super().faults(), self.redis_url.get_secret_value()
        if not url.startswith((*schemes, "unix://")):
            faults.append(f"QUIZRUN_REDIS_URL does not start with one of {', '.join(schemes)}.")
        files = self.redis_ca_file or self.redis_cert_file or self.redis_key_file
        if files and not url.startswith("rediss"):
            faults.append("QUIZRUN_REDIS_…_FILE settings require a URL that starts with rediss.")
        return [*faults, *pair_faults(self, "redis_cert_file", "redis_key_file")]


class KafkaSettings(EnvironmentSettings):
    """How to reach Kafka."""

    kafka_bootstrap: str
    """Comma-separated `host:port` addresses; one reachable broker is enough."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """`SSL` encrypts the connection, `SASL` authenticates it, `SASL_SSL` does both."""
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = (
        "SCRAM-SHA-512"
    )
    """The SASL mechanism; `OAUTHBEARER` needs one of the three token sources below."""
    kafka_sasl_username: str = ""
    """The user name for `PLAIN` and `SCRAM-…`."""
    kafka_sasl_password: SecretStr | None = None
    """The password for `PLAIN` and `SCRAM-…`."""
    kafka_token_file: str = ""
    """A file with a token for `OAUTHBEARER`, read for every connection."""
    kafka_token_command: str = ""
    """A command that prints an `OAUTHBEARER` token; run for every connection, without a shell."""
    kafka_msk_region: str = ""
    """The AWS region of an Amazon MSK cluster with IAM. Tokens are signed with the AWS credentials
    of the process. Requires the extra `aws`."""
    kafka_ca_file: str = ""
    """A PEM file with the certificate authorities to trust; by default the system's."""
    kafka_cert_file: str = ""
    """A PEM file with a client certificate."""
    kafka_key_file: str = ""
    """A PEM file with the private key of the client certificate."""
    kafka_key_password: SecretStr | None = None
    """The passphrase of the private key."""
    kafka_idempotence: bool = True
    """Disable only for brokers without idempotent producers, such as the embedded one."""
    kafka_replication_factor: int | None = Field(None, ge=1)
    """The replication factor of topics that are created; by default the cluster's."""
    kafka_partitions: int = Field(4, ge=1)
    """The number of partitions of topics that are created."""
    kafka_fetch_max_wait_ms: int = Field(500, ge=1)
    """How long the broker may hold a fetch for which it has no messages. Apache Kafka responds as
    soon as there is one; only brokers that check for messages at the end of this time, such as the
    embedded one, need a short time."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        faults = [*super().faults(), *address_faults(self, "kafka_bootstrap")]
        protocol, tls = (
            self.kafka_security_protocol,
            "SSL" in self.kafka_security_protocol.split("_"),
        )
        if not tls and (self.kafka_ca_file or self.kafka_cert_file):
            faults.append(
                "QUIZRUN_KAFKA_CA_FILE and QUIZRUN_KAFKA_CERT_FILE require "
                "QUIZRUN_KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL."
            )
        faults += pair_faults(self, "kafka_cert_file", "kafka_key_file")
        sasl_only = (
            "kafka_sasl_username",
            "kafka_token_file",
            "kafka_token_command",
            "kafka_msk_region",
        )
        if protocol.startswith("SASL"):
            faults += self._sasl_faults()
        else:
            faults += [
                f"{variable_of(name)} requires QUIZRUN_KAFKA_SECURITY_PROTOCOL=SASL_SSL."
                for name in sasl_only
                if getattr(self, name)
            ]
        return faults

    def _sasl_faults(self) -> list[str]:
        sources = [self.kafka_token_file, self.kafka_token_command, self.kafka_msk_region]
        if self.kafka_sasl_mechanism == "OAUTHBEARER":
            if sum(map(bool, sources)) == 1:
                return []
            names = ("kafka_token_file", "kafka_token_command", "kafka_msk_region")
            one_of = ", ".join(map(variable_of, names))
            return [f"QUIZRUN_KAFKA_SASL_MECHANISM=OAUTHBEARER requires exactly one of {one_of}."]
        if any(sources):
            return ["Tokens for Kafka require QUIZRUN_KAFKA_SASL_MECHANISM=OAUTHBEARER."]
        missing = [
            variable_of(name)
            for name in ("kafka_sasl_username", "kafka_sasl_password")
            if not getattr(self, name)
        ]
        return [f"{name} is not set; {self.kafka_sasl_mechanism} requires it." for name in missing]


class CodecSettings(EnvironmentSettings):
    """How histories are encrypted."""

    temporal_codec_keys: SecretStr | None = None
    """Keys that encrypt workflow histories: comma-separated `id:key`, with 32 bytes in Base64 each.
    The first key encrypts; all keys decrypt."""

    @property
    def codec_keys(self) -> dict[str, bytes]:
        """The keys of `temporal_codec_keys` by id. Raises `ValueError`."""
        if self.temporal_codec_keys is None:
            return {}
        return parse_codec_keys(self.temporal_codec_keys.get_secret_value())

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        faults = super().faults()
        try:
            _ = self.codec_keys
        except ValueError as error:
            faults.append(f"QUIZRUN_TEMPORAL_CODEC_KEYS: {error}.")
        return faults


class CodecServerSettings(CodecSettings):
    """Settings of ``quizrun codec-server``."""

    codec_token: SecretStr | None = Field(None, min_length=16)
    """The bearer token that callers of the codec server need, at least 16 characters. Without one,
    the server listens on this machine only."""


class TemporalSettings(CodecSettings):
    """How to reach Temporal."""

    temporal_address: str
    """The `host:port` of the frontend."""
    temporal_namespace: str = "default"
    """The namespace, which must exist; in Temporal Cloud it is `name.account`."""
    temporal_tls: bool = False
    """Encrypt the connection; implied by each of the next five settings."""
    temporal_api_key: SecretStr | None = None
    """An API key of Temporal Cloud, or any bearer token that the server accepts."""
    temporal_ca_file: str = ""
    """A PEM file with the certificate authorities to trust; by default the system's."""
    temporal_cert_file: str = ""
    """A PEM file with a client certificate (mTLS)."""
    temporal_key_file: str = ""
    """A PEM file with the private key of the client certificate."""
    temporal_server_name: str = ""
    """The name in the server's certificate, if it differs from the address."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        faults = [*super().faults(), *address_faults(self, "temporal_address")]
        return [*faults, *pair_faults(self, "temporal_cert_file", "temporal_key_file")]


class ServerSettings(
    DatabaseSettings, RedisSettings, KafkaSettings, TemporalSettings, ReportingSettings
):
    """The settings shared by gateways and workers."""

    model_config = SettingsConfigDict(frozen=True)

    secret: SecretStr = Field(min_length=32)
    """The key that signs and encrypts, at least 32 characters; the same for all processes."""
    accepted_secrets: tuple[Annotated[SecretStr, Field(min_length=32)], ...] = Field(
        (), max_length=8, repr=False
    )
    """Further secrets that only verify and decrypt, as a JSON list, to replace `QUIZRUN_SECRET`
    without signing anybody out (docs/rotating-secrets.md)."""
    public_url: str = "http://localhost:8000"
    """The URL at which browsers reach the gateways."""
    process_name: str = "quizrun"
    """The name of this process in logs, metrics and server lists."""
    revision: str = ""
    """The commit of this release, for the metric `quizrun_build_info`."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    """The log level of our own code; libraries never log below `INFO`."""
    log_path: Path | None = None
    """A log file to use instead of standard output; the process rotates it."""
    log_max_bytes: int = Field(10 * 1024 * 1024, ge=1_000)
    """The size at which the log file is rotated."""
    log_backups: int = Field(4, ge=0, le=100)
    """How many rotated log files are kept."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level
