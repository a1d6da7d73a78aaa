"""Server → hosts only."""

from __future__ import annotations

from typing import ClassVar

from gateway.live.protocol.messages.base import HOST, Delivery, Sent
from gateway.live.protocol.messages.parts import HostProgressFields, PlayerName, SnapshotFields
from quiz.run import RunSettings


class HostSnapshot(SnapshotFields):
    """To a host. `player_list` holds the first 200 players; `progress` is present while a question
    is open, `ends_at` while the run is about to be ended because no host is connected.
    """

    namespaces: ClassVar[tuple[str, ...]] = (HOST,)

    connections: int
    player_list: list[PlayerName]
    progress: HostProgressFields | None = None
    ends_at: int | None = None
    settings: RunSettings | None = None


class HostLobby(Sent):
    """Who has joined, in every phase, and the ids of players who were removed."""

    event: ClassVar[str] = "lobby"
    namespaces: ClassVar[tuple[str, ...]] = (HOST,)

    players: int
    joined: list[PlayerName]
    left: list[str]
    connections: int


class HostProgress(HostProgressFields, Sent):
    """How many players have answered, what they answered, and how many are connected."""

    event: ClassVar[str] = "progress"
    namespaces: ClassVar[tuple[str, ...]] = (HOST,)
    delivery: ClassVar[Delivery] = Delivery.COALESCED
