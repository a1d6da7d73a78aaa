"""News of who joined or was removed, sent to a room's clients at most 4 times a second."""

from __future__ import annotations

from dataclasses import dataclass, field

from bus.messages import PlayersJoinedEvent
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.pacing import Coalescer
from gateway.live.protocol import messages as m
from gateway.live.room.room import Room
from quiz.run import Phase

MAX_NICKNAMES = 50
MAX_HOST_LINES = 500


@dataclass(slots=True)
class _News:
    send: Coalescer
    joined: list[m.PlayerName] = field(default_factory=list)
    left: list[m.PlayerName] = field(default_factory=list)
    told: int = 0
    """The number that players were last sent."""


class Lobbies:
    """Gathers joins and removals by room.

    Players get joins in the lobby only and removals in every phase; hosts get all of them.
    """

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._news: dict[str, _News] = {}

    def joined(self, room: Room, event: PlayersJoinedEvent) -> None:
        """Add players who joined on any gateway."""
        news = self._of(room)
        if room.seats.hosts or len(news.joined) < MAX_NICKNAMES:
            news.joined.extend(
                m.PlayerName(player_id=p.player_id, nickname=p.nickname) for p in event.players
            )
        news.send.poke()

    def changed(self, room: Room) -> None:
        """Send changed counts."""
        self._of(room).send.poke()

    def removed(self, room: Room, player: m.PlayerName) -> None:
        """Add a player who was removed."""
        news = self._of(room)
        news.joined = [line for line in news.joined if line.player_id != player.player_id]
        news.left.append(player)
        news.send.poke()

    def returned(self, room: Room, player: m.PlayerName) -> None:
        """Add a player who was removed and is back."""
        news = self._of(room)
        news.left = [line for line in news.left if line.player_id != player.player_id]
        news.joined.append(player)
        news.send.poke()

    def forget(self, run_id: str) -> None:
        """Drop the news of a closed room."""
        news = self._news.pop(run_id, None)
        if news is not None:
            news.send.cancel()

    def _of(self, room: Room) -> _News:
        news = self._news.get(room.run_id)
        if news is None:
            news = _News(Coalescer(self._fanout.pace_s, lambda: self._send(room)))
            self._news[room.run_id] = news
        return news

    async def _send(self, room: Room) -> None:
        news = self._of(room)
        joined, news.joined = news.joined[:MAX_HOST_LINES], news.joined[MAX_HOST_LINES:]
        left, news.left = news.left, []
        if news.joined:
            if room.seats.hosts:
                news.send.poke()
            else:
                news.joined = []
        waiting = room.state.phase is Phase.LOBBY
        # Fewer without a removal: news of a join arrived after the removal, and was corrected.
        if room.seats.players and (waiting or left or room.player_count.total < news.told):
            news.told = room.player_count.total
            names = [line.nickname for line in joined[-MAX_NICKNAMES:]] if waiting else []
            self._fanout.to_players(room.run_id, _for_players(room, names, left))
        if room.seats.hosts:
            self._fanout.to_hosts(
                room.run_id,
                m.HostLobby(
                    players=room.player_count.total,
                    joined=joined,
                    left=[line.player_id for line in left],
                    connections=room.connections,
                ),
            )


def _for_players(room: Room, joined: list[str], left: list[m.PlayerName]) -> m.Lobby:
    if not left:
        return m.Lobby(players=room.player_count.total, joined=joined)
    names = [line.nickname for line in left]
    return m.Departures(players=room.player_count.total, joined=joined, left=names)
