"""Stream responses while they are generated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import IO, Any

import orjson

CHUNK_BYTES = 256 * 1024


async def prefetched(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Fetch the first two chunks, so that early failures become an error response instead of a
    truncated one.
    """
    ahead = [chunk for _ in range(2) if (chunk := await anext(chunks, None)) is not None]
    return _resumed(ahead, chunks)


async def _resumed(ahead: list[bytes], chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in ahead:
        yield chunk
    async for chunk in chunks:
        yield chunk


async def json_chunks(
    head: dict[str, Any], name: str, pages: AsyncIterator[list[Any]]
) -> AsyncIterator[bytes]:
    """Yield the JSON of `head` with an added list `name` of all pages' items."""
    yield orjson.dumps(head)[:-1] + b"," + orjson.dumps(name) + b":["
    separator = b""
    async for page in pages:
        yield separator + orjson.dumps(page)[1:-1]
        separator = b","
    yield b"]}"


async def file_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Yield the rest of the file and close it."""
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
