"""Responses that are sent while they are made, a piece at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import IO, Any

import orjson

CHUNK_BYTES = 256 * 1024


async def started(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks, of which two are there already: what fails at once fails as an error, and
    not in the middle of a response.
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
    """The JSON of `head` with a list `name` added that has the items of all pages."""
    yield orjson.dumps(head)[:-1] + b"," + orjson.dumps(name) + b":["
    separator = b""
    async for page in pages:
        yield separator + orjson.dumps(page)[1:-1]
        separator = b","
    yield b"]}"


async def file_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """What the file holds from here; it is closed in the end."""
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
