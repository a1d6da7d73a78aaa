"""Check whether a server responds: ``tcp://`` connects, ``http://`` expects status 200."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit


async def probe(url: str) -> None:
    """Raise ``OSError`` unless ``url`` responds. Without a client library, because this runs many
    times a second during startup.
    """
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        if parts.scheme == "tcp":
            return
        request = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n"
        writer.write(request.encode())
        status = (await reader.readline()).decode(errors="replace").split(maxsplit=2)
        if len(status) < 2 or status[1] != "200":
            message = f"{parts.path} answers {' '.join(status[1:]).strip() or 'nothing'}"
            raise ConnectionError(message)
    finally:
        writer.close()


async def responds(url: str, timeout_s: float = 2.0) -> bool:
    """Return whether ``url`` responds within ``timeout_s``."""
    try:
        async with asyncio.timeout(timeout_s):
            await probe(url)
    except (OSError, TimeoutError):
        return False
    return True
