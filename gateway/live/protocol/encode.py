"""Messages as JSON, encoded once for all sockets."""

from __future__ import annotations

import orjson
from pydantic import BaseModel

Encoded = orjson.Fragment


def encode(message: BaseModel | None) -> Encoded:
    """Encode a message without the optional fields that are not set; None becomes null."""
    if message is None:
        return orjson.Fragment(b"null")
    return orjson.Fragment(orjson.dumps(message.model_dump(mode="json", exclude_unset=True)))


def encode_ack(result: BaseModel) -> Encoded:
    """Encode an acknowledgement as ``{"ok": true, …}``."""
    fields = result.model_dump(mode="json", exclude_unset=True)
    return orjson.Fragment(orjson.dumps({"ok": True, **fields}))


def encode_recorded(elapsed_ms: int) -> Encoded:
    """Encode an `AnswerAck`, by far the most frequent one, without making the model."""
    return orjson.Fragment(b'{"ok":true,"status":"recorded","elapsed_ms":%d}' % elapsed_ms)
