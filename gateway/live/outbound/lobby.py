"""Who has joined, told to a room's clients at most 4 times a second, less often in large rooms."""

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
    """The number of players that players were last told."""


class Lobbies:
    """Gathers joins by room. Players hear of them in the lobby only, of those who were kicked in
    every phase, and hosts of all.
    """

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._news: dict[str, _News] = {}

    def joined(self, room: Room, event: PlayersJoinedEvent) -> None:
        """Players have joined, on whichever gateway."""
        news = self._of(room)
        if room.seats.hosts or len(news.joined) < MAX_NICKNAMES:
            news.joined.extend(
                m.PlayerName(player_id=p.player_id, nickname=p.nickname) for p in event.players
            )
        news.send.poke()

    def changed(self, room: Room) -> None:
        """The counts have changed."""
        self._of(room).send.poke()

    def removed(self, room: Room, player: m.PlayerName) -> None:
        """A player was kicked: the name goes from walls and phones."""
        news = self._of(room)
        news.joined = [line for line in news.joined if line.player_id != player.player_id]
        news.left.append(player)
        news.send.poke()

    def returned(self, room: Room, player: m.PlayerName) -> None:
        """A player who was kicked is in again."""
        news = self._of(room)
        news.left = [line for line in news.left if line.player_id != player.player_id]
        news.joined.append(player)
        news.send.poke()

    def forget(self, run_id: str) -> None:
        """Drop a room that is closed."""
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
        # Down without anyone leaving: news of a join came late, after the kick, and was corrected.
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
