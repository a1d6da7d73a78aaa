"""The CloudEvents 1.0 envelope of every message (JSON, structured mode)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Data = BaseModel | dict[str, Any] | bytes
"""The payload of an event; as `bytes`, a JSON object that is encoded already."""


class CloudEvent(BaseModel):
    """The attributes that Quizrun sets; others are ignored.

    `id` is deterministic, so that duplicates can be recognised; `subject` is the run id.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    type: str = Field(min_length=1)
    subject: str = Field(min_length=1)
    time: datetime
    data: dict[str, Any]


def encode(
    *,
    type: str,  # noqa: A002
    source: str,
    subject: str,
    id: str,  # noqa: A002
    time_ms: int,
    data: Data,
) -> bytes:
    """Encode an event as the value of a Kafka message. `time_ms` is epoch milliseconds."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": id,
            "source": source,
            "type": type,
            "subject": subject,
            "time": datetime.fromtimestamp(time_ms / 1000, UTC),
            "datacontenttype": "application/json",
            "data": _encoded(data),
        },
        option=orjson.OPT_UTC_Z,
    )


def _encoded(data: Data) -> orjson.Fragment | dict[str, Any]:
    if isinstance(data, BaseModel):
        return orjson.Fragment(data.model_dump_json())
    return orjson.Fragment(data) if isinstance(data, bytes) else data


def decode(value: bytes | None) -> CloudEvent:
    """Decode the value of a Kafka message. Raises `ValueError` if it is not a CloudEvent."""
    try:
        return CloudEvent.model_validate(orjson.loads(value or b""))
    except ValidationError as error:
        raise ValueError(f"not a CloudEvent: {error.error_count()} errors") from error
