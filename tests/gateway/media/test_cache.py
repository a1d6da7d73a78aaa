from __future__ import annotations

import asyncio

from db.media import Content
from gateway.media.cache import MediaCache


class Shelf:
    """Counts fetches per picture."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.sizes = sizes
        self.fetched: list[str] = []

    async def content(self, media_id: str) -> Content | None:
        self.fetched.append(media_id)
        # time: a read that takes a moment
        await asyncio.sleep(0.01)
        size = self.sizes.get(media_id)
        return None if size is None else Content("image/png", bytes(size))


async def test_thousands_of_concurrent_loads_make_one_read() -> None:
    shelf = Shelf({"a": 100})
    cache = MediaCache(shelf.content, max_bytes=1_000)
    found = await asyncio.gather(*(cache.get("a") for _ in range(10_000)))
    assert all(each is found[0] for each in found)
    assert await cache.get("a") is found[0]
    assert shelf.fetched == ["a"]


async def test_the_cache_evicts_the_least_recently_used() -> None:
    shelf = Shelf({"a": 400, "b": 400, "c": 400, "large": 2_000})
    cache = MediaCache(shelf.content, max_bytes=1_000)
    for media_id in ("a", "b", "a", "c"):
        await cache.get(media_id)
    shelf.fetched.clear()
    for media_id in ("a", "c", "b"):
        await cache.get(media_id)
    assert shelf.fetched == ["b"]
    found = await cache.get("large")
    assert found is not None
    assert len(found.content) == 2_000
    shelf.fetched.clear()
    await cache.get("large")
    assert shelf.fetched == ["large"]  # larger than the whole cache


async def test_missing_files_are_not_cached() -> None:
    shelf = Shelf({})
    cache = MediaCache(shelf.content, max_bytes=1_000)
    assert await cache.get("a") is None
    shelf.sizes["a"] = 1
    assert await cache.get("a") is not None
    cache.forget("a")
    cache.forget("a")
    await cache.get("a")
    assert shelf.fetched == ["a"] * 3


async def test_a_failure_reaches_all_waiting_and_is_not_cached() -> None:
    shelf = Shelf({"a": 1})
    failing = True

    async def load(media_id: str) -> Content | None:
        found = await shelf.content(media_id)
        if failing:
            raise OSError("gone")
        return found

    cache = MediaCache(load, max_bytes=1_000)
    outcomes = await asyncio.gather(*(cache.get("a") for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OSError] * 3
    failing = False
    assert await cache.get("a") is not None
    assert shelf.fetched == ["a", "a"]
