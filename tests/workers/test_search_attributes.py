"""Missing search attributes are found even if listing them is not permitted."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from deploy.check.temporal import check_temporal
from deploy.local.stack import Servers
from telemetry.settings import TemporalSettings
from workers.search_attributes import missing_attributes
from workflows.operator_view import SEARCH_ATTRIBUTES


@pytest.fixture
async def bare(servers: Servers) -> Client:
    """A client of a new namespace, which has no search attributes."""
    name = f"bare-{uuid.uuid4()}"
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    client = await Client.connect(servers.temporal_address, namespace=name)
    await client.workflow_service.register_namespace(request)
    async with asyncio.timeout(60):  # it takes a moment to be known everywhere
        while True:
            try:
                await missing_attributes(client)
            except RPCError:
                await asyncio.sleep(0.1)
            else:
                return client


def deny_listing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def denied(*_: object, **__: object) -> None:
        raise RPCError("not yours to ask", RPCStatusCode.PERMISSION_DENIED, b"")

    monkeypatch.setattr(client.operator_service, "list_search_attributes", denied)


async def test_missing_attributes_are_found_by_searching_if_listing_is_refused(
    bare: Client, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny_listing(bare, monkeypatch)
    assert (await missing_attributes(bare)).keys == list(SEARCH_ATTRIBUTES)
    complete = await Client.connect(servers.temporal_address)
    deny_listing(complete, monkeypatch)
    assert (await missing_attributes(complete)).keys == []


async def test_the_check_names_the_command_that_registers_them(
    bare: Client, servers: Servers
) -> None:
    settings = TemporalSettings(
        temporal_address=servers.temporal_address, temporal_namespace=bare.namespace
    )
    (fault,) = (await check_temporal(settings)).faults
    assert f"search-attribute create --namespace {bare.namespace}" in fault
    assert "--name QuizRunPhase --type Keyword" in fault
    assert "--name QuizPlayers --type Int" in fault
