"""Tests whose programs are built on first use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.engines.golang import missing_go

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the chart's tests last, because Helm may still be building."""
    items.sort(key=lambda item: item.path == HERE / "test_chart.py")


@pytest.fixture(scope="session")
def go() -> None:
    """Skip without Go, except in CI."""
    if (lacking := missing_go()) and not os.environ.get("CI"):
        pytest.skip(f"the checks need {', '.join(lacking)}")
