"""Server → players only."""

from __future__ import annotations

from typing import ClassVar

from gateway.live.protocol.messages.base import PLAY, Delivery, Sent
from gateway.live.protocol.messages.parts import (
    OwnExtraTime,
    OwnResult,
    PlayerSettings,
    ProgressFields,
    SnapshotFields,
    You,
)


class Snapshot(SnapshotFields):
    """To a player: after a join or reconnect, and when events were missed."""

    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)

    you: You
    your_result: OwnResult | None = None
    settings: PlayerSettings | None = None


class Lobby(Sent):
    """Who has joined since the last one, at most 4 times a second. `players` is the number of
    players in the run. `left` lists the names of removed players, in every phase; `joined` is
    filled in the lobby only.
    """

    event: ClassVar[str] = "lobby"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    delivery: ClassVar[Delivery] = Delivery.DROPPABLE

    players: int
    joined: list[str]
    left: list[str] | None = None


class Departures(Lobby):
    """A `lobby` with names to remove, which must reach even a slow client."""

    delivery: ClassVar[Delivery] = Delivery.MUST_ARRIVE


class Progress(ProgressFields, Sent):
    """How many players have answered, at most 4 times a second."""

    event: ClassVar[str] = "progress"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    delivery: ClassVar[Delivery] = Delivery.COALESCED


class Settings(Sent):
    """The host has changed the settings, in the lobby. Hosts get a snapshot instead."""

    event: ClassVar[str] = "settings"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    settings: PlayerSettings


class ExtraTimeChanged(OwnExtraTime, Sent):
    """To one player only: their extra time was changed."""

    event: ClassVar[str] = "extra_time"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)


class Kicked(Sent):
    """The host has removed this player; the socket is disconnected."""

    event: ClassVar[str] = "kicked"
    namespaces: ClassVar[tuple[str, ...]] = (PLAY,)
    reason: str
