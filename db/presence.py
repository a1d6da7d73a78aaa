"""How many players are connected and have answered, counted by each gateway for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import NoScriptError

from db.redis import Projection

FRESH_S = 5
"""A gateway that has not reported for so long is gone, and its players with it."""
TTL_S = 60

# Redis's clock for both, so that clocks of gateways do not matter.
# KEYS presence; ARGV gateway, question, connected, answered_connected, answered, fresh, ttl.
_EXCHANGE = """
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], ARGV[1], table.concat({now, ARGV[2], ARGV[3], ARGV[4], ARGV[5]}, ' '))
redis.call('EXPIRE', KEYS[1], ARGV[7])
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
return {connected, answered_connected, answered}
"""


def _key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:presence"


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
    """The same over all gateways that are alive."""

    connected: int
    answered_connected: int
    answered: int


class Presence(Projection):
    """Counts by gateway. Never raises: without Redis nobody knows, and timers close questions."""

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
            pipe.evalsha(sha, 1, _key(one.run_id), gateway_id, *counts, FRESH_S, TTL_S)
        found: list[list[int]] = await pipe.execute()
        return found
