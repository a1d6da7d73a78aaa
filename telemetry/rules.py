"""Validation shared by settings: addresses, pairs of files, keys."""

from __future__ import annotations

import base64

from telemetry.environment import EnvironmentSettings, variable_of

CODEC_KEY_BYTES = 32


def address_faults(settings: EnvironmentSettings, name: str) -> list[str]:
    """Check a comma-separated list of addresses `host:port`; return a sentence for each fault."""
    value: str = getattr(settings, name)
    addresses = [address.strip() for address in value.split(",")]
    wrong = [address for address in addresses if not _is_address(address)]
    return [f"{variable_of(name)}: “{address}” is not of the form host:port." for address in wrong]


def _is_address(address: str) -> bool:
    host, _, port = address.rpartition(":")
    return bool(host) and "/" not in host and port.isascii() and port.isdecimal()


def parse_codec_keys(text: str) -> dict[str, bytes]:
    """Parse `id:key` pairs, separated by commas. Raises `ValueError`."""
    keys: dict[str, bytes] = {}
    for entry in text.split(","):
        key_id, colon, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not colon or not key_id or len(key) != CODEC_KEY_BYTES or key_id in keys:
            raise ValueError(
                f"it is not a list of id:key with base64 keys of {CODEC_KEY_BYTES} bytes and "
                "distinct ids"
            )
        keys[key_id] = key
    return keys


def pair_faults(settings: EnvironmentSettings, *names: str) -> list[str]:
    """Check that both of two settings are set, such as a certificate and its key, or neither."""
    present = [name for name in names if getattr(settings, name)]
    if len(present) != 1:
        return []
    (other,) = set(names) - set(present)
    return [f"{variable_of(present[0])} is set, but {variable_of(other)} is not."]
