"""Binary attachments: bytes in the arguments of an event travel in packets of their own."""

from __future__ import annotations

from typing import Any


def extract(value: Any, attachments: list[bytes]) -> Any:
    """Replace bytes in `value` by placeholders; append them to `attachments`."""
    if isinstance(value, bytes | bytearray | memoryview):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, list | tuple):
        return [extract(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: extract(item, attachments) for key, item in value.items()}
    return value


MAX_DEPTH = 32


def insert(value: Any, attachments: list[bytes], depth: int = 0) -> Any:
    """Replace placeholders in decoded JSON by the `attachments` they stand for.

    Raises `LookupError` where there is no such attachment, `ValueError` where lists and objects are
    nested more than `MAX_DEPTH` deep.
    """
    if not isinstance(value, list | dict):
        return value
    if depth > MAX_DEPTH:
        raise ValueError(depth)
    if isinstance(value, list):
        return [insert(item, attachments, depth + 1) for item in value]
    if value.get("_placeholder") is not True:
        return {key: insert(item, attachments, depth + 1) for key, item in value.items()}
    number = value.get("num")
    if type(number) is not int or not 0 <= number < len(attachments):
        raise LookupError(number)
    return attachments[number]
