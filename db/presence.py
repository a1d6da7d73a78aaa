"""Who is connected and how many have answered, told by each gateway for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from typing import Any

from redis.exceptions import NoScriptError

from db.redis import Projection

FRESH_S = 5
"""A gateway that has not reported for so long is gone, and its players with it."""
TTL_S = 60
CHUNK = 1_000

# Redis's clock for both, so that clocks of gateways do not matter.
# A presence that was born a moment ago may lack gateways: Redis has lost the one before.
# KEYS presence, born; ARGV gateway, question, connected, answered_connected, answered, fresh, ttl.
_EXCHANGE = """
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], ARGV[1], table.concat({now, ARGV[2], ARGV[3], ARGV[4], ARGV[5]}, ' '))
redis.call('EXPIRE', KEYS[1], ARGV[7])
redis.call('SET', KEYS[2], now, 'NX')
redis.call('EXPIRE', KEYS[2], ARGV[7])
local age = now - tonumber(redis.call('GET', KEYS[2]))
local connected, answered_connected, answered = 0, 0, 0
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local at, question, c, ac, a = entries[i + 1]:match('(%S+) (%S+) (%S+) (%S+) (%S+)')
  if now - at <= tonumber(ARGV[6]) then
    connected = connected + c
    if question == ARGV[2] then
      answered_connected = answered_connected + ac
      answered = answered + a
    end
  else
    redis.call('HDEL', KEYS[1], entries[i])
  end
end
return {connected, answered_connected, answered, age}
"""


def _key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:presence"


def _born_key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:presence-born"


def _seats_key(run_id: str, gateway_id: str) -> str:
    return f"quizrun:{{{run_id}}}:seats:{gateway_id}"


@dataclass(frozen=True, slots=True)
class PresenceReport:
    """What a gateway sees of a run: players connected to it, those of them who have answered
    `question`, and answers to it that it recorded from anyone.
    """

    run_id: str
    question: int
    connected: int
    answered_connected: int
    answered: int


@dataclass(frozen=True, slots=True)
class PresenceTotals:
    """The same over all gateways that are alive. Those that were there before Redis lost everything
    have reported again once the totals are `age_s` old enough, see `complete`.
    """

    connected: int
    answered_connected: int
    answered: int
    age_s: int

    @property
    def complete(self) -> bool:
        """Whether every gateway has had the time to report."""
        return self.age_s > FRESH_S


@dataclass(frozen=True, slots=True)
class Seating:
    """The players of a run who are connected to a gateway, and who they were when it was `told`;
    None: everybody has to be told anew.
    """

    run_id: str
    players: frozenset[str]
    told: frozenset[str] | None


class Presence(Projection):
    """Counts by gateway, and who is connected. Never raises: without Redis nobody knows, and
    timers close questions.
    """

    async def exchange(
        self, gateway_id: str, reports: Sequence[PresenceReport]
    ) -> list[PresenceTotals] | None:
        """Tell what this gateway sees of some runs, well within every 5 s, and learn the totals;
        None without Redis. However many runs: one round trip.
        """
        return await self._attempt(lambda: self._exchange(gateway_id, reports))

    async def leave(self, run_id: str, gateway_id: str) -> None:
        """This gateway has no player of the run any more."""
        await self._attempt(lambda: self._redis.hdel(_key(run_id), gateway_id))

    async def seat(self, gateway_id: str, seatings: Sequence[Seating]) -> list[bool]:
        """Tell who is connected to this gateway, well within every 5 s. False for those who have to
        be told anew.
        """
        told = await self._attempt(lambda: self._seat(gateway_id, seatings))
        return told or [False] * len(seatings)

    async def connected(self, run_id: str, player_ids: Sequence[str]) -> set[str] | None:
        """Those of these players who are connected to any gateway; None without Redis."""
        if not player_ids:
            return set()
        return await self._attempt(lambda: self._connected(run_id, player_ids))

    async def _exchange(
        self, gateway_id: str, reports: Sequence[PresenceReport]
    ) -> list[PresenceTotals]:
        script = self._redis.register_script(_EXCHANGE)
        try:
            found = await self._run(script.sha, gateway_id, reports)
        except NoScriptError:  # a server that is new, or has forgotten it
            await self._redis.script_load(_EXCHANGE)
            found = await self._run(script.sha, gateway_id, reports)
        return [PresenceTotals(*counts) for counts in found]

    async def _run(
        self, sha: str, gateway_id: str, reports: Sequence[PresenceReport]
    ) -> list[list[int]]:
        pipe: Any = self._redis.pipeline(transaction=False)
        for one in reports:
            counts = (one.question, one.connected, one.answered_connected, one.answered)
            keys = (_key(one.run_id), _born_key(one.run_id))
            # Not `evalsha`: the client of a cluster lacks it here, though it can route this one.
            arguments = (*keys, gateway_id, *counts, FRESH_S, TTL_S)
            pipe.execute_command("EVALSHA", sha, len(keys), *arguments)
        found: list[list[int]] = await pipe.execute()
        return found

    async def _seat(self, gateway_id: str, seatings: Sequence[Seating]) -> list[bool]:
        pipe: Any = self._redis.pipeline(transaction=False)
        places = []
        for one in seatings:
            key, known = _seats_key(one.run_id, gateway_id), one.told or frozenset()
            places.append(len(pipe))
            if one.told is None:
                pipe.delete(key)
            else:
                pipe.expire(key, FRESH_S)
            for chunk in _chunks(known - one.players):
                pipe.srem(key, *chunk)
            for chunk in _chunks(one.players - known):
                pipe.sadd(key, *chunk)
            pipe.expire(key, FRESH_S)
        found = await pipe.execute()
        return [
            not one.told or bool(found[place])  # or else Redis has lost them
            for one, place in zip(seatings, places, strict=True)
        ]

    async def _connected(self, run_id: str, player_ids: Sequence[str]) -> set[str]:
        gateways = await self._redis.hkeys(_key(run_id))
        pipe = self._redis.pipeline(transaction=False)
        for gateway in gateways:
            pipe.smismember(_seats_key(run_id, gateway.decode()), player_ids)
        found: set[str] = set()
        for flags in await pipe.execute():
            found.update(compress(player_ids, flags))
        return found


def _chunks(players: frozenset[str]) -> Iterator[list[str]]:
    waiting = iter(players)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
