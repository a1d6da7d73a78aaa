"""Connection settings of all Kafka clients: addresses, TLS and authentication."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any, Self

from bus.tokens import token_provider
from telemetry.environment import ConfigurationError
from telemetry.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """The addresses and security options that every aiokafka client takes."""

    bootstrap: str
    security: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_settings(cls, settings: KafkaSettings) -> Self:
        """Build a connection. Raises `ConfigurationError` for unusable files."""
        return cls(settings.kafka_bootstrap, _security(settings))

    @classmethod
    def coerce(cls, server: KafkaConnection | str) -> KafkaConnection:
        """Return `server`; an address becomes a connection without TLS and authentication."""
        return KafkaConnection(server) if isinstance(server, str) else server

    @property
    def options(self) -> dict[str, Any]:
        """The keyword arguments for aiokafka's clients."""
        return {"bootstrap_servers": self.bootstrap, **self.security}

    @property
    def encrypted(self) -> bool:
        """Whether connections use TLS."""
        return "ssl_context" in self.security


def _security(settings: KafkaSettings) -> dict[str, Any]:
    protocol = settings.kafka_security_protocol
    options: dict[str, Any] = {"security_protocol": protocol}
    if "SSL" in protocol.split("_"):
        options["ssl_context"] = _ssl_context(settings)
    if protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        if settings.kafka_sasl_mechanism == "OAUTHBEARER":
            options["sasl_oauth_token_provider"] = token_provider(settings)
        else:
            password = settings.kafka_sasl_password
            options["sasl_plain_username"] = settings.kafka_sasl_username
            options["sasl_plain_password"] = password.get_secret_value() if password else ""
    return options


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file or None)
    except OSError as error:  # includes SSLError
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
