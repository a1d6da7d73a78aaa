"""Export the audit log as CSV or JSON Lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson

from gateway.export.comma_separated import BYTE_ORDER_MARK, lines

Row = Mapping[str, Any]


async def csv_chunks(
    columns: Sequence[str], pages: AsyncIterator[list[Row]]
) -> AsyncIterator[bytes]:
    """Yield the header, then one line per act; nested values are JSON."""
    yield (BYTE_ORDER_MARK + lines([list(columns)])).encode()
    async for page in pages:
        yield lines([_cell(row[column]) for column in columns] for row in page).encode()


async def jsonl_chunks(pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Yield one JSON object per line."""
    async for page in pages:
        yield b"".join(orjson.dumps(row) + b"\n" for row in page)


def _cell(value: Any) -> str | int | None:
    if isinstance(value, dict):
        return orjson.dumps(value).decode() if value else ""
    return value  # type: ignore[no-any-return]
