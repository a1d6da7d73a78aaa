"""Messages as JSON, encoded once for all sockets."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel

Encoded = orjson.Fragment
NOTHING = orjson.Fragment(b"null")


def encode(message: BaseModel) -> Encoded:
    """Encode a message without the optional fields that are not set."""
    return orjson.Fragment(orjson.dumps(message.model_dump(mode="json", exclude_unset=True)))


def encode_fields(fields: dict[str, Any]) -> Encoded:
    """Encode the fields of a message that is sent too often to make a model of each."""
    return orjson.Fragment(orjson.dumps(fields))


def encode_ack(result: BaseModel) -> Encoded:
    """Encode an acknowledgement as ``{"ok": true, …}``."""
    fields = result.model_dump(mode="json", exclude_unset=True)
    return orjson.Fragment(orjson.dumps({"ok": True, **fields}))


def encode_recorded(elapsed_ms: int) -> Encoded:
    """Encode an `AnswerAck`, by far the most frequent one, without making the model."""
    return orjson.Fragment(b'{"ok":true,"status":"recorded","elapsed_ms":%d}' % elapsed_ms)
