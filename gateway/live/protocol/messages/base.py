"""What all messages have in common."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

PLAY = "/play"
HOST = "/host"

STRICT = ConfigDict(extra="forbid", frozen=True)


class Delivery(StrEnum):
    """What may happen to a message on its way to a slow client."""

    COALESCED = "coalesced"
    """A newer message of the same event replaces it."""
    DROPPABLE = "droppable"
    """It may be dropped."""
    MUST_ARRIVE = "must arrive"
    """A client that cannot take it is disconnected, and gets a snapshot when it reconnects."""


class Sent(BaseModel):
    """Server → client: the first argument of the event `event`."""

    model_config = STRICT

    event: ClassVar[str]
    namespaces: ClassVar[tuple[str, ...]] = (PLAY, HOST)
    delivery: ClassVar[Delivery] = Delivery.MUST_ARRIVE
    own_part: ClassVar[type[BaseModel] | None] = None
    """The second argument, if there is one: each player's own data."""


class Part(BaseModel):
    """A piece of a message or acknowledgement."""

    model_config = STRICT


class Request(BaseModel):
    """Client → server: the only argument of the event `event`. Unknown fields are ignored, because
    a client may be newer than its gateway.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    event: ClassVar[str]
    namespaces: ClassVar[tuple[str, ...]]
    ack: ClassVar[type[BaseModel]]
