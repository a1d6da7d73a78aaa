"""The production engines, started once, and Quizrun's processes on them."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.engines.prepare import missing
from deploy.engines.stack import Engines, production_engines
from tests.programs import debian_program

# These tests read /proc.
collect_ignore = [] if sys.platform == "linux" else ["test_chaos.py"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests last, because Temporal may still be building."""
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


@pytest.fixture(scope="session")
def programs() -> None:
    """Skip if a program is missing, except in CI."""
    lacking = missing()
    if lacking and not os.environ.get("CI"):
        pytest.skip(f"the production engines need {', '.join(lacking)}")
    debian_program("initdb")
    debian_program("redis-server")


@pytest.fixture(scope="session")
async def engines(programs: None) -> AsyncIterator[Engines]:
    async with production_engines() as running:
        yield running
