"""The real servers, started once for the whole test session."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Servers, embedded_servers


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """PostgreSQL, Valkey, Kafka protocol and Temporal with temporary state."""
    async with embedded_servers() as running:
        yield running
