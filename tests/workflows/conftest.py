"""A separate Temporal server: runs left behind by other tests would reach these workers, too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import _workflow
from temporalio.worker._workflow_instance import _WorkflowLogicFlag

from deploy.local.stack import embedded_servers
from tests.workflows.stage import Stage


@pytest.fixture(scope="session")
async def client() -> AsyncIterator[Client]:
    async with embedded_servers(only={"temporal"}) as servers:
        yield await Client.connect(servers.temporal_address, data_converter=pydantic_data_converter)


@pytest.fixture
async def stage(client: Client, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Workers with scripted activities, stopped even if the test times out."""
    played = Stage(**getattr(request, "param", {}))
    async with played.open(client):
        yield played


@pytest.fixture(params=["one by one", "at once"])
def order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the SDK applies what reaches a workflow in one task: today, and in releases to come."""
    if request.param == "at once":
        flag = _WorkflowLogicFlag.PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH
        monkeypatch.setattr(_workflow, "_DEFAULT_ENABLED_WORKFLOW_LOGIC_FLAGS", {flag})
    return str(request.param)
