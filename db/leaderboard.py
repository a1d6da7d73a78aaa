"""The leaderboard of a run as a Redis sorted set of absolute totals, replaced as a whole.

A board carries the version that it belongs to (`RunState.standings_version`), and readers ask for a
version: a board that missed a question is never mistaken for the current one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import orjson

from db.redis import Projection
from quiz.ranking import Standing, Total, competition_ranks

NUMBERS = 2**20
"""A member's sort value is score · 2²⁰ + (2²⁰ − 1 − number): among equal scores the earlier joined
comes first. Exact in a double up to a score of 2³³."""
TTL_S = 24 * 3600
DRAFT_TTL_S = 60
CHUNK = 5_000
"""Players that are written at once: Redis serves nobody else for some milliseconds."""

# Adds pairs of values from a JSON array. An array is one argument, and the client takes several
# microseconds for each argument. Lua passes a limited number of values to a function.
_ADD_PAIRS = """
local function add(command, key, json)
  local values = cjson.decode(json)
  for i = 1, #values, 2000 do
    redis.call(command, key, unpack(values, i, math.min(i + 1999, #values)))
  end
end
"""
# KEYS draft board, draft names; ARGV ttl, sort values with ids, ids with nicknames.
_DRAFT = f"""{_ADD_PAIRS}
add('ZADD', KEYS[1], ARGV[2])
add('HSET', KEYS[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
"""
# KEYS draft board, draft names, board, names; ARGV version, ttl.
# Readers see the old board or the new one, never a mix of both, and never an older one again.
_SWAP = """
local stored = tonumber(redis.call('HGET', KEYS[4], 'version') or '-1')
if tonumber(ARGV[1]) < stored or redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('DEL', KEYS[1], KEYS[2])
  return 0
end
redis.call('HSET', KEYS[2], 'version', ARGV[1])
redis.call('RENAME', KEYS[1], KEYS[3])
redis.call('EXPIRE', KEYS[3], ARGV[2])
redis.call('RENAME', KEYS[2], KEYS[4])
redis.call('EXPIRE', KEYS[4], ARGV[2])
return 1
"""
# KEYS board, names; ARGV version, ttl, sort values with ids, ids with nicknames. The same for a
# board of one chunk, in one round trip.
_REPLACE = f"""{_ADD_PAIRS}
local stored = tonumber(redis.call('HGET', KEYS[2], 'version') or '-1')
if tonumber(ARGV[1]) < stored then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[2], 'version', ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
add('ZADD', KEYS[1], ARGV[3])
add('HSET', KEYS[2], ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
# KEYS board, names; ARGV version. Ids and sort values in one string, because the client would
# convert the scores of a list one by one, slowly.
_ALL = """
if redis.call('HGET', KEYS[2], 'version') ~= ARGV[1] then return false end
return table.concat(redis.call('ZRANGE', KEYS[1], 0, -1, 'REV', 'WITHSCORES'), ' ')
"""
# KEYS board, names; ARGV first, last, 2^20, version.
_PAGE = """
if redis.call('HGET', KEYS[2], 'version') ~= ARGV[4] then return {0, 0} end
local rows = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2], 'REV', 'WITHSCORES')
if #rows == 0 then return {1, 0} end
local score = math.floor(tonumber(rows[2]) / ARGV[3])
local above = string.format('%.0f', (score + 1) * ARGV[3])
local answer = {1, redis.call('ZCOUNT', KEYS[1], above, '+inf') + 1}
for i = 1, #rows, 2 do
  answer[#answer + 1] = rows[i]
  answer[#answer + 1] = rows[i + 1]
  answer[#answer + 1] = redis.call('HGET', KEYS[2], rows[i]) or ''
end
return answer
"""
# KEYS board, names; ARGV player, version before, version.
# A board that missed an earlier version must not get this version's number.
_REMOVE = """
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('HGET', KEYS[2], 'version') == ARGV[2] then
  redis.call('HSET', KEYS[2], 'version', ARGV[3])
end
"""


def _keys(run_id: str, draft: str = "") -> tuple[str, str]:
    # The hash tag in braces puts both keys and their drafts on the same node of a cluster.
    return f"quizrun:{{{run_id}}}:board{draft}", f"quizrun:{{{run_id}}}:names{draft}"


class Leaderboard(Projection):
    """Leaderboards in Redis. None or False means: fall back to PostgreSQL (`db.results`)."""

    async def publish(self, run_id: str, totals: Sequence[Total], *, version: int) -> bool:
        """Replace the whole board, unless a later version has been published."""
        return await self._attempt(lambda: self._publish(run_id, totals, version)) or False

    async def replace(self, run_id: str, totals: Sequence[Total], *, version: int) -> bool:
        """Replace the whole board unconditionally, for example after a restore from backup."""

        async def write() -> bool:
            await self._redis.delete(*_keys(run_id))
            return await self._publish(run_id, totals, version)

        return await self._attempt(write) or False

    async def top(
        self, run_id: str, limit: int, offset: int = 0, *, version: int
    ) -> list[Standing] | None:
        """Return a page of the standings, best first; None if there is no board of this version."""
        return await self._attempt(lambda: self._page(run_id, limit, offset, version))

    async def ranks(self, run_id: str, *, version: int) -> dict[str, tuple[int, int]] | None:
        """Return rank and score of every player, in one read; None as for `top`."""
        rows = await self._attempt(lambda: self._all(run_id, version))
        if rows is None:
            return None
        scores = [int(float(value)) // NUMBERS for value in rows[1::2]]
        return dict(
            zip(rows[::2], zip(competition_ranks(scores), scores, strict=True), strict=True)
        )

    async def remove(self, run_id: str, player_id: str, *, before: int, version: int) -> None:
        """Remove a kicked player; a board of version `before` becomes one of `version`."""
        script = self._redis.register_script(_REMOVE)
        arguments = [player_id, before, version]
        await self._attempt(lambda: script(keys=_keys(run_id), args=arguments))

    async def _publish(self, run_id: str, totals: Sequence[Total], version: int) -> bool:
        keys = _keys(run_id)
        if len(totals) <= CHUNK:
            replace = self._redis.register_script(_REPLACE)
            return bool(await replace(keys=keys, args=[version, TTL_S, *_pairs(totals)]))
        # A separate draft for each call, so that concurrent calls do not mix.
        drafts = _keys(run_id, f":{uuid.uuid4()}")
        draft = self._redis.register_script(_DRAFT)
        for start in range(0, len(totals), CHUNK):
            await draft(keys=drafts, args=[DRAFT_TTL_S, *_pairs(totals[start : start + CHUNK])])
        swap = self._redis.register_script(_SWAP)
        return bool(await swap(keys=[*drafts, *keys], args=[version, TTL_S]))

    async def _all(self, run_id: str, version: int) -> list[str] | None:
        """Ids and sort values in turn, best first."""
        script = self._redis.register_script(_ALL)
        reply = await script(keys=_keys(run_id), args=[version])
        return None if reply is None else reply.decode().split()

    async def _page(
        self, run_id: str, limit: int, offset: int, version: int
    ) -> list[Standing] | None:
        script = self._redis.register_script(_PAGE)
        reply: list[Any] = await script(
            keys=_keys(run_id), args=[offset, offset + limit - 1, NUMBERS, version]
        )
        exists, first_rank, *flat = reply
        if not exists:
            return None
        rows = list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))
        scores = [int(float(value)) // NUMBERS for _, value, _ in rows]
        ranks = page_ranks(scores, first_rank, offset)
        return [
            Standing(rank, player.decode(), nickname.decode(), score)
            for rank, score, (player, _, nickname) in zip(ranks, scores, rows, strict=True)
        ]


def page_ranks(scores: Sequence[int], first_rank: int, offset: int) -> list[int]:
    """Return the ranks of a page that starts at `offset` and whose first line has `first_rank`."""
    tied = competition_ranks(scores)
    return [first_rank if rank == 1 else offset + rank for rank in tied]


def _sort_value(total: Total) -> int:
    return total.score * NUMBERS + NUMBERS - 1 - min(total.number, NUMBERS - 1)


def _pairs(totals: Sequence[Total]) -> tuple[bytes, bytes]:
    """Sort values with ids, and ids with nicknames. Values as text: JSON numbers would lose digits
    in Lua.
    """
    members = [text for one in totals for text in (str(_sort_value(one)), one.player_id)]
    names = [text for one in totals for text in (one.player_id, one.nickname)]
    return orjson.dumps(members), orjson.dumps(names)
