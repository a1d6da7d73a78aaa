"""The Temporal server on PostgreSQL, with all services in one process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from deploy.engines.temporal_program import temporal_program
from deploy.errors import StackError
from deploy.local.child import ChildSpec
from deploy.local.ports import LOOPBACK, Port
from deploy.local.postgres import USER, database_url
from deploy.local.temporal import DYNAMIC_CONFIG, NAMESPACE
from deploy.programs import run
from workers.search_attributes import add_search_attributes
from workflows.operator_view import SEARCH_ATTRIBUTES

SERVICES = ("frontend", "history", "matching", "worker")
PORTS = ("temporal", *(f"temporal-{name}" for name in SERVICES[1:]))
"""Each service's gRPC port; membership ports are named `<port>-membership`."""
RETENTION = timedelta(days=3)
START_TIMEOUT_S = 150.0
SCHEMA_TIMEOUT_S = 120.0
_DATABASES = {"temporal": "temporal", "temporal_visibility": "visibility"}
_HISTORY_SHARDS = 4
_DATABASE_POLL_S = 0.2


def port_names() -> list[str]:
    """Return the names of all ports that a server needs; clients connect to `temporal`."""
    return [*PORTS, *(f"{name}-membership" for name in PORTS)]


def temporal_spec(
    data_dir: Path, ports: Mapping[str, int], database_port: int, password: str
) -> ChildSpec:
    """Return how to run the server with its databases on PostgreSQL at `database_port`.

    Each start ensures the schema, the namespace and the search attributes, as an operator would.
    Blocks for minutes while the program is built the first time. Raises `StackError`.
    """
    program = temporal_program()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = data_dir / "temporal.yaml"
    limits = data_dir / "dynamic-config.yaml"
    # JSON is valid YAML.
    limits.write_text(json.dumps(_dynamic_config()))
    config.touch(mode=0o600)
    config.write_text(json.dumps(_config(ports, database_port, password, limits), indent=1))
    address = f"{LOOPBACK}:{ports['temporal']}"
    schema = _Schema(program, database_port, password)

    async def check() -> None:
        await ensure_namespace(address)

    return ChildSpec(
        name="temporal",
        command=[str(program), "start", str(config)],
        check=check,
        prepare=schema.ensure,
        ports=[Port(ports[name]) for name in port_names()],
        cwd=data_dir,
        start_timeout_s=START_TIMEOUT_S,
        health_url=f"tcp://{address}",
    )


async def ensure_namespace(address: str) -> None:
    """Register the namespace and runs' search attributes if they are missing.

    Raises `RPCError` or `RuntimeError` while the server is not ready.
    """
    client = await Client.connect(address, namespace=NAMESPACE)
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=NAMESPACE)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        request = RegisterNamespaceRequest(namespace=NAMESPACE)
        request.workflow_execution_retention_period.FromTimedelta(RETENTION)
        await client.workflow_service.register_namespace(request)
    found = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=NAMESPACE)
    )
    known = found.custom_attributes
    await add_search_attributes(client, [key for key in SEARCH_ATTRIBUTES if key.name not in known])


class _Schema:
    """The server's tables, created and updated by Temporal's SQL tool."""

    def __init__(self, program: Path, database_port: int, password: str) -> None:
        self._program = program
        self._url = database_url(database_port, password, "postgres")
        self._env = {
            "SQL_PLUGIN": "postgres12",
            "SQL_HOST": LOOPBACK,
            "SQL_PORT": str(database_port),
            "SQL_USER": USER,
            "SQL_PASSWORD": password,
        }
        self._done = False

    async def ensure(self) -> None:
        """Wait for PostgreSQL and create what is missing. Idempotent."""
        if self._done:
            return
        existing = await self._databases()
        for database, name in _DATABASES.items():
            if database not in existing:
                await self._tool("--db", database, "create-database")
                await self._tool("--db", database, "setup-schema", "--version", "0.0")
            schema = f"postgresql/v12/{name}"
            await self._tool("--db", database, "update-schema", "--schema-name", schema)
        self._done = True

    async def _databases(self) -> set[str]:
        try:
            async with asyncio.timeout(SCHEMA_TIMEOUT_S):
                while True:
                    try:
                        return await _names_of_databases(self._url)
                    except psycopg.OperationalError:
                        await asyncio.sleep(_DATABASE_POLL_S)
        except TimeoutError as error:
            message = "Temporal's PostgreSQL is not responding."
            raise StackError(message) from error

    async def _tool(self, *arguments: str) -> None:
        command = [str(self._program), "sql", *arguments]
        name = " ".join(["temporal", *command[1:]])
        await asyncio.to_thread(run, command, env=self._env, timeout_s=SCHEMA_TIMEOUT_S, name=name)


async def _names_of_databases(url: str) -> set[str]:
    async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
        rows = await connection.execute("SELECT datname FROM pg_database")
        return {name for (name,) in await rows.fetchall()}


def _dynamic_config() -> dict[str, Any]:
    return {name: [{"value": json.loads(value)}] for name, value in DYNAMIC_CONFIG.items()}


def _config(
    ports: Mapping[str, int], database_port: int, password: str, limits: Path
) -> dict[str, Any]:
    def store(database: str, connections: int) -> dict[str, Any]:
        return {
            "sql": {
                "pluginName": "postgres12",
                "databaseName": database,
                "connectAddr": f"{LOOPBACK}:{database_port}",
                "connectProtocol": "tcp",
                "user": USER,
                "password": password,
                "maxConns": connections,
                "maxIdleConns": connections,
                "maxConnLifetime": "1h",
            }
        }

    return {
        "log": {"stdout": True, "level": "warn"},
        "persistence": {
            "defaultStore": "default",
            "visibilityStore": "visibility",
            "numHistoryShards": _HISTORY_SHARDS,
            "datastores": {
                "default": store("temporal", 20),
                "visibility": store("temporal_visibility", 5),
            },
        },
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": LOOPBACK}},
        "services": {
            service: {
                "rpc": {
                    "grpcPort": ports[port],
                    "membershipPort": ports[f"{port}-membership"],
                    "bindOnLocalHost": True,
                }
            }
            for service, port in zip(SERVICES, PORTS, strict=True)
        },
        "clusterMetadata": {
            "enableGlobalNamespace": False,
            "failoverVersionIncrement": 10,
            "masterClusterName": "active",
            "currentClusterName": "active",
            "clusterInformation": {
                "active": {
                    "enabled": True,
                    "initialFailoverVersion": 1,
                    "rpcName": "frontend",
                    "rpcAddress": f"{LOOPBACK}:{ports['temporal']}",
                }
            },
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "dynamicConfigClient": {"filepath": str(limits), "pollInterval": "60s"},
    }
