"""Who is connected and how many have answered, told by each gateway for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice

from db.redis import Projection

FRESH_S = 5
"""A gateway that has not reported for so long is gone, and its players with it."""
TTL_S = 60

# Redis's clock for both, so that clocks of gateways do not matter.
# KEYS presence; ARGV gateway, question, connected, answered_connected, answered, ttl.
_REPORT = """
local now = redis.call('TIME')[1]
redis.call('HSET', KEYS[1], ARGV[1], table.concat({now, ARGV[2], ARGV[3], ARGV[4], ARGV[5]}, ' '))
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 1
"""
# KEYS presence; ARGV question, fresh.
_TOTALS = """
local now = tonumber(redis.call('TIME')[1])
local connected, answered_connected, answered = 0, 0, 0
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local at, question, c, ac, a = entries[i + 1]:match('(%S+) (%S+) (%S+) (%S+) (%S+)')
  if now - at <= tonumber(ARGV[2]) then
    connected = connected + c
    if question == ARGV[1] then
      answered_connected = answered_connected + ac
      answered = answered + a
    end
  else
    redis.call('HDEL', KEYS[1], entries[i])
  end
end
return {connected, answered_connected, answered}
"""


CHUNK = 1_000


def _key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:presence"


def _seats_key(run_id: str, gateway_id: str) -> str:
    return f"quizrun:{{{run_id}}}:seats:{gateway_id}"


@dataclass(frozen=True, slots=True)
class PresenceTotals:
    """Over all gateways: players connected, those of them who have answered the question, and
    answers to it from anyone.
    """

    connected: int
    answered_connected: int
    answered: int


class Presence(Projection):
    """Counts by gateway, and who is connected. Never raises: without Redis nobody knows, and
    timers close questions.
    """

    async def report(
        self,
        run_id: str,
        gateway_id: str,
        *,
        connected: int,
        answered_connected: int,
        answered: int,
        question: int,
    ) -> None:
        """What this gateway sees of the run; to be repeated well within 5 s."""
        script = self._redis.register_script(_REPORT)
        arguments = [gateway_id, question, connected, answered_connected, answered, TTL_S]
        await self._attempt(lambda: script(keys=[_key(run_id)], args=arguments))

    async def totals(self, run_id: str, question: int) -> PresenceTotals | None:
        """The sums over gateways that are alive; None without Redis."""
        script = self._redis.register_script(_TOTALS)
        found = await self._attempt(lambda: script(keys=[_key(run_id)], args=[question, FRESH_S]))
        return PresenceTotals(*found) if found else None

    async def leave(self, run_id: str, gateway_id: str) -> None:
        """This gateway has no player of the run any more."""
        await self._attempt(lambda: self._redis.hdel(_key(run_id), gateway_id))

    async def seat(
        self, run_id: str, gateway_id: str, players: frozenset[str], told: frozenset[str] | None
    ) -> bool:
        """Who is connected to this gateway: the difference to `told`, or all when that is None; to
        be repeated well within 5 s. False when all have to be told the next time.
        """
        done = await self._attempt(lambda: self._seat(run_id, gateway_id, players, told))
        return done or False

    async def connected(self, run_id: str, player_ids: Sequence[str]) -> set[str] | None:
        """Those of these players who are connected to any gateway; None without Redis."""
        if not player_ids:
            return set()
        return await self._attempt(lambda: self._connected(run_id, player_ids))

    async def _seat(
        self, run_id: str, gateway_id: str, players: frozenset[str], told: frozenset[str] | None
    ) -> bool:
        key = _seats_key(run_id, gateway_id)
        pipe = self._redis.pipeline(transaction=True)
        if told is None:
            pipe.delete(key)
        else:
            pipe.expire(key, FRESH_S)
        known = told or frozenset()
        for chunk in _chunks(known - players):
            pipe.srem(key, *chunk)
        for chunk in _chunks(players - known):
            pipe.sadd(key, *chunk)
        pipe.expire(key, FRESH_S)
        was_there = (await pipe.execute())[0]
        return not told or bool(was_there)

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
