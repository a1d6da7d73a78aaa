"""What a process is told through its environment, all under the prefix ``QUIZRUN_``.

`docs/configuration.md` is generated from these classes: a field's docstring is its description.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from telemetry.environment import EnvironmentSettings, variable_of
from telemetry.reporting import ReportingSettings
from telemetry.rules import addresses, pair, parsed_codec_keys


class DatabaseSettings(EnvironmentSettings):
    """How to reach PostgreSQL."""

    database_url: str = Field(repr=False)
    """`postgresql://user:password@host:port/database`; TLS as libpq has it:
    `?sslmode=verify-full&sslrootcert=/path/ca.pem`, and `sslcert`, `sslkey` for mTLS."""
    database_password: SecretStr | None = None
    """The password, where it is kept apart from the URL. Its file is read for each new connection:
    the password may be changed while processes run."""
    database_pooler: Literal["none", "transaction"] = "none"
    """`transaction` behind PgBouncer in transaction mode."""
    database_pool_size: int = Field(10, ge=1)
    """Connections of one process at most."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        known = ("postgresql://", "postgres://", "postgresql+psycopg://")
        wrong = not self.database_url.startswith(known)
        return [
            *super().faults(),
            *(["QUIZRUN_DATABASE_URL does not start with postgresql://."] if wrong else []),
        ]


class RedisSettings(EnvironmentSettings):
    """How to reach Redis or Valkey."""

    redis_url: str = Field(repr=False)
    """`redis://user:password@host:port/0`, with TLS `rediss://`. Sentinel:
    `redis+sentinel://user:password@host:26379,host:26379/master-name/0`; Cluster:
    `redis+cluster://user:password@host:6379,host:6379`; both with TLS as `rediss+…`."""
    redis_password: SecretStr | None = None
    """The password, where it is kept apart from the URL."""
    redis_sentinel_username: str = ""
    """The ACL user of the Sentinels themselves."""
    redis_sentinel_password: SecretStr | None = None
    """The password of the Sentinels themselves."""
    redis_ca_file: str = ""
    """Certificates to trust, as PEM; otherwise those of the system."""
    redis_cert_file: str = ""
    """A client certificate, as PEM."""
    redis_key_file: str = ""
    """Its private key."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        schemes = [
            f"{scheme}{mode}://"
            for scheme in ("redis", "rediss")
            for mode in ("", "+sentinel", "+cluster")
        ]
        found = super().faults()
        if not self.redis_url.startswith((*schemes, "unix://")):
            found.append(f"QUIZRUN_REDIS_URL does not start with one of {', '.join(schemes)}.")
        files = self.redis_ca_file or self.redis_cert_file or self.redis_key_file
        if files and not self.redis_url.startswith("rediss"):
            found.append("QUIZRUN_REDIS_CA_FILE and the like need a URL that starts with rediss.")
        return [*found, *pair(self, "redis_cert_file", "redis_key_file")]


class KafkaSettings(EnvironmentSettings):
    """How to reach Kafka."""

    kafka_bootstrap: str
    """Addresses `host:port`, separated by commas; one that lives is enough."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """With `SSL` the connection is encrypted, with `SASL` it is authenticated."""
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = (
        "SCRAM-SHA-512"
    )
    """How to authenticate; `OAUTHBEARER` needs one of the three sources of tokens below."""
    kafka_sasl_username: str = ""
    """For `PLAIN` and `SCRAM-…`."""
    kafka_sasl_password: SecretStr | None = None
    """For `PLAIN` and `SCRAM-…`."""
    kafka_token_file: str = ""
    """A file with a token for `OAUTHBEARER`, read anew for each connection."""
    kafka_token_command: str = ""
    """A command that prints a token for `OAUTHBEARER`; run for each connection, without a shell."""
    kafka_msk_region: str = ""
    """The AWS region of an Amazon MSK cluster with IAM: tokens are signed with the process's AWS
    credentials. Needs the extra `aws`."""
    kafka_ca_file: str = ""
    """Certificates to trust, as PEM; otherwise those of the system."""
    kafka_cert_file: str = ""
    """A client certificate, as PEM."""
    kafka_key_file: str = ""
    """Its private key."""
    kafka_key_password: SecretStr | None = None
    """What the private key is encrypted with."""
    kafka_idempotence: bool = True
    """Off only for brokers without idempotent producers, such as the embedded one."""
    kafka_replication_factor: int | None = Field(None, ge=1)
    """Replicas of each topic that is created; without it, the cluster's own default."""
    kafka_partitions: int = Field(4, ge=1)
    """Partitions of each topic that is created."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        found = [*super().faults(), *addresses(self, "kafka_bootstrap")]
        protocol, tls = (
            self.kafka_security_protocol,
            "SSL" in self.kafka_security_protocol.split("_"),
        )
        if not tls and (self.kafka_ca_file or self.kafka_cert_file):
            found.append(
                "QUIZRUN_KAFKA_CA_FILE and QUIZRUN_KAFKA_CERT_FILE need "
                "QUIZRUN_KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL."
            )
        found += pair(self, "kafka_cert_file", "kafka_key_file")
        given = (
            "kafka_sasl_username",
            "kafka_token_file",
            "kafka_token_command",
            "kafka_msk_region",
        )
        if protocol.startswith("SASL"):
            found += self._sasl_faults()
        else:
            found += [
                f"{variable_of(name)} needs QUIZRUN_KAFKA_SECURITY_PROTOCOL=SASL_SSL."
                for name in given
                if getattr(self, name)
            ]
        return found

    def _sasl_faults(self) -> list[str]:
        sources = [self.kafka_token_file, self.kafka_token_command, self.kafka_msk_region]
        if self.kafka_sasl_mechanism == "OAUTHBEARER":
            if sum(map(bool, sources)) == 1:
                return []
            names = ("kafka_token_file", "kafka_token_command", "kafka_msk_region")
            one_of = ", ".join(map(variable_of, names))
            return [f"QUIZRUN_KAFKA_SASL_MECHANISM=OAUTHBEARER needs exactly one of {one_of}."]
        if any(sources):
            return ["Tokens for Kafka need QUIZRUN_KAFKA_SASL_MECHANISM=OAUTHBEARER."]
        missing = [
            variable_of(name)
            for name in ("kafka_sasl_username", "kafka_sasl_password")
            if not getattr(self, name)
        ]
        return [f"{name} is not set, and {self.kafka_sasl_mechanism} needs it." for name in missing]


class CodecSettings(EnvironmentSettings):
    """How histories are encrypted."""

    temporal_codec_keys: SecretStr | None = None
    """Encrypts what runs write into histories: `id:key`, separated by commas, a key being 32 bytes
    in base 64. The first key encrypts, all of them decrypt."""

    @property
    def codec_keys(self) -> dict[str, bytes]:
        """The keys of `temporal_codec_keys` by id. Raises `ValueError`."""
        if self.temporal_codec_keys is None:
            return {}
        return parsed_codec_keys(self.temporal_codec_keys.get_secret_value())

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        found = super().faults()
        try:
            _ = self.codec_keys
        except ValueError as error:
            found.append(f"QUIZRUN_TEMPORAL_CODEC_KEYS: {error}.")
        return found


class TemporalSettings(CodecSettings):
    """How to reach Temporal."""

    temporal_address: str
    """`host:port` of the frontend."""
    temporal_namespace: str = "default"
    """The namespace, which must exist; in Temporal Cloud `name.account`."""
    temporal_tls: bool = False
    """Encrypt the connection; the next five settings do so by themselves."""
    temporal_api_key: SecretStr | None = None
    """An API key of Temporal Cloud, or whatever the server takes as a bearer token."""
    temporal_ca_file: str = ""
    """Certificates to trust, as PEM; otherwise those of the system."""
    temporal_cert_file: str = ""
    """A client certificate (mTLS), as PEM."""
    temporal_key_file: str = ""
    """Its private key."""
    temporal_server_name: str = ""
    """The name in the server's certificate, where it is not that of the address."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        found = [*super().faults(), *addresses(self, "temporal_address")]
        return [*found, *pair(self, "temporal_cert_file", "temporal_key_file")]


class ServerSettings(
    DatabaseSettings, RedisSettings, KafkaSettings, TemporalSettings, ReportingSettings
):
    """The settings that the gateway and the workers have in common."""

    model_config = SettingsConfigDict(frozen=True)

    secret: SecretStr = Field(min_length=32)
    """Signs player and access tokens; the same for all gateways."""
    public_url: str = "http://localhost:8000"
    """The address at which browsers reach the gateways."""
    process_name: str = "quizrun"
    """The name of this process in logs, metrics and server lists."""
    revision: str = ""
    """The commit of this release, for the metric `quizrun_build_info`."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    """How much our own code says; libraries never say more than `INFO`."""
    log_path: Path | None = None
    """A file for log lines instead of standard output; the process rotates it."""
    log_max_bytes: int = Field(10 * 1024 * 1024, ge=1_000)
    """The size at which the log file is rotated."""
    log_backups: int = Field(4, ge=0, le=100)
    """How many older log files are kept."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level
