"""An in-memory cache of uploads: a room that opens a question causes one database read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from db.media import Content
from gateway.single_flight import SingleFlight

Load = Callable[[str], Awaitable[Content | None]]


class MediaCache:
    """An LRU cache of up to `max_bytes`. Files are immutable, so entries never expire."""

    def __init__(self, load: Load, *, max_bytes: int) -> None:
        self._load = load
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Content] = OrderedDict()
        self._loading: SingleFlight[Content | None] = SingleFlight()

    async def get(self, media_id: str) -> Content | None:
        """Return the file, or None if there is none."""
        kept = self._kept.get(media_id)
        if kept is not None:
            self._kept.move_to_end(media_id)
            return kept
        return await self._loading.run(media_id, lambda: self._fetch(media_id))

    def forget(self, media_id: str) -> None:
        """Drop a file that may be deleted; other gateways serve it until it is evicted."""
        found = self._kept.pop(media_id, None)
        if found is not None:
            self._bytes -= len(found.content)

    async def _fetch(self, media_id: str) -> Content | None:
        found = await self._load(media_id)
        if found is not None and media_id not in self._kept:
            self._kept[media_id] = found
            self._bytes += len(found.content)
            while self._bytes > self._max_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.content)
        return found
