"""Client → server: requests and their acknowledgements."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, StrictInt, WithJsonSchema

from gateway.live.protocol.messages.base import HOST, PLAY, Part, Request
from gateway.live.protocol.messages.parts import OwnExtraTime
from gateway.live.protocol.messages.to_players import Snapshot
from quiz.extra_time import Percent


class JoinAck(Part):
    """`token` is for `auth` when reconnecting."""

    player_id: str
    token: str
    snapshot: Snapshot


class Join(Request):
    """Become a player of the run with this PIN.

    `key`, a random text of the client's, makes a join that is sent again return the same player.
    `device`, a random text that the client keeps, identifies removed players who join under a new
    name. In runs that generate names, any other `nickname` is replaced by a generated one. `proof`
    is the payload that solves the challenge of an earlier `proof_required`.
    """

    event: ClassVar[str] = "join"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    ack: ClassVar[type[BaseModel]] = JoinAck

    pin: Annotated[str, Field(max_length=200, strict=True)]
    nickname: Any
    key: Annotated[str, Field(min_length=1, max_length=64, strict=True)] | None = None
    device: Annotated[str, Field(min_length=8, max_length=64, strict=True)] | None = None
    proof: Annotated[str, Field(max_length=2_000, strict=True)] | None = None


class AnswerAck(Part):
    """The answer is stored permanently."""

    status: Literal["recorded"] = "recorded"
    elapsed_ms: int


class GiveAnswer(Request):
    """Answer the question with this 0-based index. Safe to send again.

    `traceparent` is that of W3C Trace Context, for clients that trace; an invalid one is ignored.
    """

    event: ClassVar[str] = "answer"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    ack: ClassVar[type[BaseModel]] = AnswerAck

    question: Annotated[StrictInt, Field(ge=0, le=1_000_000)]
    answer: Any
    # Not validated here: an answer counts even if its trace context is invalid.
    traceparent: Annotated[Any, WithJsonSchema({"type": ["string", "null"]})] = None


class ExtraTimeAck(OwnExtraTime):
    """The choice is stored."""


class ChooseExtraTime(Request):
    """Choose one's own extra time, if the host allows it (`own_extra_time`)."""

    event: ClassVar[str] = "extra_time"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    ack: ClassVar[type[BaseModel]] = ExtraTimeAck

    percent: Percent


class SyncAck(Part):
    """`t0` as it was sent, and the server's clock."""

    t0: int | float
    server_ms: int


class Sync(Request):
    """Compare clocks. `t0` is any finite number."""

    event: ClassVar[str] = "sync"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY, HOST)
    ack: ClassVar[type[BaseModel]] = SyncAck

    t0: Annotated[float, Field(strict=True, allow_inf_nan=False)]
