"""How clients reach Kafka: addresses, TLS and who they are; alike for producer, consumer, admin."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any, Self

from bus.tokens import token_provider
from telemetry.environment import ConfigurationError
from telemetry.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Addresses, and the options that every aiokafka client takes."""

    bootstrap: str
    security: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, settings: KafkaSettings) -> Self:
        """What the settings ask for. Raises `ConfigurationError` for files that are no use."""
        return cls(settings.kafka_bootstrap, _security(settings))

    @classmethod
    def to(cls, server: KafkaConnection | str) -> KafkaConnection:
        """A connection as it is; without TLS and without authentication to an address."""
        return KafkaConnection(server) if isinstance(server, str) else server

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments of aiokafka's clients."""
        return {"bootstrap_servers": self.bootstrap, **self.security}

    @property
    def encrypted(self) -> bool:
        """Whether connections are by TLS."""
        return "ssl_context" in self.security


def _security(settings: KafkaSettings) -> dict[str, Any]:
    protocol = settings.kafka_security_protocol
    found: dict[str, Any] = {"security_protocol": protocol}
    if "SSL" in protocol.split("_"):
        found["ssl_context"] = _ssl_context(settings)
    if protocol.startswith("SASL"):
        found["sasl_mechanism"] = settings.kafka_sasl_mechanism
        if settings.kafka_sasl_mechanism == "OAUTHBEARER":
            found["sasl_oauth_token_provider"] = token_provider(settings)
        else:
            password = settings.kafka_sasl_password
            found["sasl_plain_username"] = settings.kafka_sasl_username
            found["sasl_plain_password"] = password.get_secret_value() if password else ""
    return found


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file or None)
    except OSError as error:  # an SSLError is one
        raise _unusable("QUIZRUN_KAFKA_CA_FILE", settings.kafka_ca_file, error) from error
    if settings.kafka_cert_file:
        password = settings.kafka_key_password
        try:
            context.load_cert_chain(
                settings.kafka_cert_file,
                settings.kafka_key_file,
                password.get_secret_value() if password else None,
            )
        except OSError as error:
            files = f"{settings.kafka_cert_file} and {settings.kafka_key_file}"
            raise _unusable("QUIZRUN_KAFKA_CERT_FILE", files, error) from error
    return context


def _unusable(variable: str, path: str, error: OSError) -> ConfigurationError:
    reason = error.strerror or str(error)
    return ConfigurationError([f"{variable}: {path} cannot be used: {reason}."])
