"""What settings have in common: addresses, files that go together, keys."""

from __future__ import annotations

import base64

from telemetry.environment import EnvironmentSettings, variable_of

CODEC_KEY_BYTES = 32


def addresses(settings: EnvironmentSettings, name: str) -> list[str]:
    """The faults of a list of addresses `host:port`, separated by commas."""
    value: str = getattr(settings, name)
    found = [address.strip() for address in value.split(",")]
    wrong = [address for address in found if not _is_address(address)]
    return [f"{variable_of(name)}: “{address}” is not of the form host:port." for address in wrong]


def _is_address(address: str) -> bool:
    host, _, port = address.rpartition(":")
    return bool(host) and "/" not in host and port.isascii() and port.isdecimal()


def parsed_codec_keys(text: str) -> dict[str, bytes]:
    """Keys by id. Raises `ValueError` with the rest of a sentence."""
    keys: dict[str, bytes] = {}
    for entry in text.split(","):
        key_id, colon, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not colon or not key_id or len(key) != CODEC_KEY_BYTES or key_id in keys:
            raise ValueError(
                f"it is not a list of id:key with keys of {CODEC_KEY_BYTES} bytes in base 64, "
                "each id once"
            )
        keys[key_id] = key
    return keys


def pair(settings: EnvironmentSettings, *names: str) -> list[str]:
    """The fault of a certificate without its key, or the other way round."""
    given = [name for name in names if getattr(settings, name)]
    if len(given) != 1:
        return []
    (other,) = set(names) - set(given)
    return [f"{variable_of(given[0])} is set, but {variable_of(other)} is not."]
