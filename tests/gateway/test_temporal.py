"""Reports from gateways to a workflow."""

from __future__ import annotations

import asyncio

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import WorkflowExecutionSignaledEventAttributes
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from deploy.local.stack import Servers
from gateway.temporal import REPEAT_MS, RunWorkflows
from tests.workflows.stage import Stage, open_run


async def test_reports_are_deduplicated_across_gateways_and_repeated_later(
    servers: Servers,
) -> None:
    clients = [
        await Client.connect(servers.temporal_address, data_converter=pydantic_data_converter)
        for _ in range(2)
    ]
    handle = await open_run(clients[0], Stage(), 2)
    run_id = handle.id.removeprefix("quiz-run-")
    now = 1_000_000
    gateways = [RunWorkflows(client, lambda: now) for client in clients]
    for question, version in ((0, 4), (1, 7), (1, 8)):
        for gateway in gateways:
            await gateway.all_answered(run_id, question, version)
    now += REPEAT_MS  # the question is still open: the workflow may have ignored the report
    for gateway in gateways:
        await gateway.all_answered(run_id, 1, 8)
    for gateway in gateways:
        await gateway.players_joined(run_id, 5)
    signals: list[WorkflowExecutionSignaledEventAttributes] = []
    async with asyncio.timeout(10):
        while not signals or signals[-1].signal_name != "players_joined":
            # The server may buffer a signal briefly before adding it to the history.
            await asyncio.sleep(0.1)
            signals = [
                event.workflow_execution_signaled_event_attributes
                for event in (await handle.fetch_history()).events
                if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
            ]
    await handle.terminate()
    assert [signal.input.payloads[0].data for signal in signals] == [
        b'{"question":0}',
        b'{"question":1}',
        b'{"question":1}',
        b'{"question":1}',
        b'{"players":5}',
    ]
