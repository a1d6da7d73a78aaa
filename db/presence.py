"""Presence: which players are connected and how many have answered, reported by each gateway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from typing import Any

from redis.exceptions import NoScriptError

from db.redis import Projection

FRESH_S = 5
"""A gateway that has not reported for this long is considered dead, and its players gone."""
TTL_S = 60
CHUNK = 1_000

# Both times are by Redis's clock, so that gateways' clocks do not matter. A presence that was
# created recently may lack gateways, if Redis has lost the previous one.
# KEYS presence, born; ARGV gateway, question, connected, answered_connected, answered, fresh, ttl,
# ahead.
_EXCHANGE = """
local now = tonumber(redis.call('TIME')[1])
local at = now + tonumber(ARGV[8])
redis.call('HSET', KEYS[1], ARGV[1], table.concat({at, ARGV[2], ARGV[3], ARGV[4], ARGV[5]}, ' '))
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

# KEYS presence.
_REPORTS = """
local found = redis.call('HGETALL', KEYS[1])
table.insert(found, 1, tonumber(redis.call('TIME')[1]))
return found
"""


def _key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:presence"


def _born_key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:presence-born"


def _seats_key(run_id: str, gateway_id: str) -> str:
    return f"quizrun:{{{run_id}}}:seats:{gateway_id}"


@dataclass(frozen=True, slots=True)
class PresenceReport:
    """A gateway's counts for a run.

    Players connected to it, those of them who have answered `question`, and all answers to it that
    the gateway has recorded. The report counts as one that is made in `ahead_s` seconds, by which
    the next one may be late.
    """

    run_id: str
    question: int
    connected: int
    answered_connected: int
    answered: int
    ahead_s: int = 0


@dataclass(frozen=True, slots=True)
class PresenceTotals:
    """The sums of the counts of all live gateways.

    `age_s` is the time since Redis started to collect them: after it lost its data, totals are
    incomplete until all gateways have reported again.
    """

    connected: int
    answered_connected: int
    answered: int
    age_s: int

    @property
    def complete(self) -> bool:
        """Whether every gateway has had time to report."""
        return self.age_s > FRESH_S


@dataclass(frozen=True, slots=True)
class Seating:
    """The players of a run who are connected to a gateway, and those `reported` last.

    None means that all of them must be reported again. `ahead_s` is that of `PresenceReport`.
    """

    run_id: str
    players: frozenset[str]
    reported: frozenset[str] | None
    ahead_s: int = 0


@dataclass(frozen=True, slots=True)
class GatewayPresence:
    """A gateway's latest report on a run; `seen_s_ago` is by Redis's clock."""

    gateway_id: str
    connected: int
    answered: int
    seen_s_ago: int


class Presence(Projection):
    """The presence of players, by gateway.

    Never raises: without Redis presence is unknown, and only timers close questions.
    """

    async def exchange(
        self, gateway_id: str, reports: Sequence[PresenceReport]
    ) -> list[PresenceTotals] | None:
        """Report this gateway's counts for some runs and return the totals; None without Redis.

        Takes one round trip. Must be called more often than every `FRESH_S` and what the report was
        ahead.
        """
        return await self._attempt(lambda: self._exchange(gateway_id, reports))

    async def leave(self, run_id: str, gateway_id: str) -> None:
        """Report that this gateway has no players of the run left."""
        await self._attempt(lambda: self._redis.hdel(_key(run_id), gateway_id))

    async def seat(self, gateway_id: str, seatings: Sequence[Seating]) -> list[bool]:
        """Report who is connected to this gateway; False for runs to report in full again.

        Must be called more often than every `FRESH_S` and what they were ahead.
        """
        known = await self._attempt(lambda: self._seat(gateway_id, seatings))
        return known or [False] * len(seatings)

    async def connected(self, run_id: str, player_ids: Sequence[str]) -> set[str] | None:
        """Return which of these players are connected to any gateway; None without Redis."""
        if not player_ids:
            return set()
        return await self._attempt(lambda: self._connected(run_id, player_ids))

    async def by_gateway(self, run_id: str) -> list[GatewayPresence] | None:
        """Return the latest report of each gateway with players of the run; None without Redis."""
        return await self._attempt(lambda: self._by_gateway(run_id))

    async def _by_gateway(self, run_id: str) -> list[GatewayPresence]:
        script = self._redis.register_script(_REPORTS)
        now, *entries = await script(keys=[_key(run_id)])
        reports = []
        for gateway, value in sorted(zip(entries[::2], entries[1::2], strict=True)):
            at, _question, connected, _answered_connected, answered = map(int, value.split())
            if now - at <= FRESH_S:
                seen_s_ago = max(0, now - at)
                reports.append(GatewayPresence(gateway.decode(), connected, answered, seen_s_ago))
        return reports

    async def _exchange(
        self, gateway_id: str, reports: Sequence[PresenceReport]
    ) -> list[PresenceTotals]:
        script = self._redis.register_script(_EXCHANGE)
        try:
            totals = await self._run(script.sha, gateway_id, reports)
        except NoScriptError:  # the server is new, or was restarted
            await self._redis.script_load(_EXCHANGE)
            totals = await self._run(script.sha, gateway_id, reports)
        return [PresenceTotals(*counts) for counts in totals]

    async def _run(
        self, sha: str, gateway_id: str, reports: Sequence[PresenceReport]
    ) -> list[list[int]]:
        pipe: Any = self._redis.pipeline(transaction=False)
        for report in reports:
            counts = (
                report.question,
                report.connected,
                report.answered_connected,
                report.answered,
            )
            keys = (_key(report.run_id), _born_key(report.run_id))
            # Not `evalsha`, which the pipelines of the cluster client lack.
            arguments = (*keys, gateway_id, *counts, FRESH_S, TTL_S, report.ahead_s)
            pipe.execute_command("EVALSHA", sha, len(keys), *arguments)
        totals: list[list[int]] = await pipe.execute()
        return totals

    async def _seat(self, gateway_id: str, seatings: Sequence[Seating]) -> list[bool]:
        pipe: Any = self._redis.pipeline(transaction=False)
        places = []
        for seating in seatings:
            key, known = _seats_key(seating.run_id, gateway_id), seating.reported or frozenset()
            places.append(len(pipe))
            expires_s = FRESH_S + seating.ahead_s
            if seating.reported is None:
                pipe.delete(key)
            else:
                pipe.expire(key, expires_s)
            if seating.reported == seating.players:
                continue
            for chunk in _chunks(known - seating.players):
                pipe.srem(key, *chunk)
            for chunk in _chunks(seating.players - known):
                pipe.sadd(key, *chunk)
            pipe.expire(key, expires_s)
        replies = await pipe.execute()
        return [
            not seating.reported or bool(replies[place])  # false if Redis has lost the set
            for seating, place in zip(seatings, places, strict=True)
        ]

    async def _connected(self, run_id: str, player_ids: Sequence[str]) -> set[str]:
        gateways = await self._redis.hkeys(_key(run_id))
        pipe = self._redis.pipeline(transaction=False)
        for gateway in gateways:
            pipe.smismember(_seats_key(run_id, gateway.decode()), player_ids)
        connected: set[str] = set()
        for flags in await pipe.execute():
            connected.update(compress(player_ids, flags))
        return connected


def _chunks(players: frozenset[str]) -> Iterator[list[str]]:
    remaining = iter(players)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
