"""Temporal clients: TLS, API keys and the data converter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr
from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
)
from temporalio.runtime import Runtime
from temporalio.service import TLSConfig

from workflows.codec import EncryptionCodec


class TemporalAccess(Protocol):
    """Connection settings; implemented by `telemetry.settings.TemporalSettings`."""

    @property
    def temporal_address(self) -> str: ...  # noqa: D102
    @property
    def temporal_namespace(self) -> str: ...  # noqa: D102
    @property
    def temporal_tls(self) -> bool: ...  # noqa: D102
    @property
    def temporal_api_key(self) -> SecretStr | None: ...  # noqa: D102
    @property
    def temporal_ca_file(self) -> str: ...  # noqa: D102
    @property
    def temporal_cert_file(self) -> str: ...  # noqa: D102
    @property
    def temporal_key_file(self) -> str: ...  # noqa: D102
    @property
    def temporal_server_name(self) -> str: ...  # noqa: D102
    @property
    def codec_keys(self) -> Mapping[str, bytes]: ...  # noqa: D102


_PYDANTIC = PydanticPayloadConverter()


class _Payloads(CompositePayloadConverter):
    """Pydantic's converters, shared: the SDK builds a payload converter twice per activation."""

    def __init__(self) -> None:
        super().__init__(*_PYDANTIC.converters.values())


_CONVERTER = DataConverter(payload_converter_class=_Payloads)


async def connect(
    access: TemporalAccess,
    *,
    identity: str | None = None,
    lazy: bool = False,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
) -> Client:
    """Connect a client to the namespace. Raises `RuntimeError` if that fails.

    A lazy client connects on its first call, so that a process can start while Temporal is down;
    workers need one that is connected.
    """
    key = access.temporal_api_key
    return await Client.connect(
        access.temporal_address,
        namespace=access.temporal_namespace,
        api_key=key.get_secret_value() if key else None,
        tls=tls_of(access) or False,
        data_converter=data_converter(access.codec_keys),
        identity=identity,
        lazy=lazy,
        interceptors=interceptors,
        runtime=runtime,
    )


def data_converter(keys: Mapping[str, bytes]) -> DataConverter:
    """Build a converter for Pydantic models that encrypts payloads and errors if there are keys."""
    if not keys:
        return _CONVERTER
    return replace(
        _CONVERTER,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def tls_of(access: TemporalAccess) -> TLSConfig | None:
    """Return the TLS configuration; None for plain text. Raises `OSError` for unreadable files."""
    needs_tls = (
        access.temporal_tls,
        access.temporal_api_key,  # must never be sent in plain text
        access.temporal_ca_file,
        access.temporal_cert_file,
        access.temporal_server_name,
    )
    if not any(needs_tls):
        return None
    return TLSConfig(
        server_root_ca_cert=_content(access.temporal_ca_file),
        domain=access.temporal_server_name or None,
        client_cert=_content(access.temporal_cert_file),
        client_private_key=_content(access.temporal_key_file),
    )


def _content(path: str) -> bytes | None:
    return Path(path).read_bytes() if path else None
