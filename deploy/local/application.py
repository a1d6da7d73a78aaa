"""Quizrun's own processes: migrations, workers, gateways."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import StackError
from deploy.local.child import ChildSpec
from deploy.local.lan import is_loopback
from deploy.local.logs import open_log, tail
from deploy.local.ports import LOOPBACK, Port
from deploy.local.probe import probe

HTTP_PORT_SETTING = "QUIZRUN_HTTP_PORT"
SOCKETS_SETTING = "QUIZRUN_MAX_SOCKETS_PER_ADDRESS"
LOOPBACK_SOCKETS = "25000"
"""The players of demos and benchmarks all come from this machine."""
_MIGRATION_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """The command lines of the processes; tests use stubs. ``--host`` and ``--port`` are appended
    for gateways.
    """

    migrate: Sequence[str] = (sys.executable, "-m", "db.migrate")
    worker: Sequence[str] = (sys.executable, "-m", "workers.main")
    gateway: Sequence[str] = (sys.executable, "-m", "gateway.main")


async def migrate(commands: Commands, env: Mapping[str, str], log_dir: Path) -> None:
    """Migrate the database to the latest schema. Raises ``StackError`` with the last log lines."""
    path = log_dir / "migrate.log"
    with open_log(path) as log:
        start = log.tell()
        process = await asyncio.create_subprocess_exec(
            *commands.migrate,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **env},
        )
        try:
            async with asyncio.timeout(_MIGRATION_TIMEOUT_S):
                code = await process.wait()
        except TimeoutError:
            code = None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if code != 0:
        how = (
            f"failed with exit code {code}"
            if code is not None
            else f"took longer than {_MIGRATION_TIMEOUT_S:g} s"
        )
        lines = "".join(f"\n  | {line}" for line in tail(path, from_byte=start))
        message = f"The database migration {how}; its log is {path}.{lines}"
        raise StackError(message)


def worker_spec(
    commands: Commands, env: Mapping[str, str], number: int, metrics_port: int
) -> ChildSpec:
    """Return worker ``number`` (from 1), which serves health and metrics on ``metrics_port``."""
    own = {"QUIZRUN_PROCESS_NAME": f"worker-{number}", "QUIZRUN_METRICS_PORT": str(metrics_port)}
    return _spec(f"worker-{number}", commands.worker, {**env, **own}, Port(metrics_port), "/readyz")


def gateway_spec(
    commands: Commands, env: Mapping[str, str], number: int, host: str, http_port: int
) -> ChildSpec:
    """Return gateway ``number`` (from 1), which listens on ``http_port + number - 1``."""
    port = gateway_port(http_port, number)
    own = {
        "QUIZRUN_PROCESS_NAME": f"gateway-{number}",
        "QUIZRUN_SESSION_TAG": f"g{number}",
        # Several gateways share this machine, and their supervisor asks them on their own ports.
        "QUIZRUN_OPERATIONS_PORT": "",
    }
    if is_loopback(host):
        env = {SOCKETS_SETTING: os.environ.get(SOCKETS_SETTING, LOOPBACK_SOCKETS), **env}
    command = [*commands.gateway, "--host", host, "--port", str(port.number)]
    return _spec(f"gateway-{number}", command, {**env, **own}, port, "/readyz")


def gateway_port(http_port: int, number: int) -> Port:
    """Return the port of gateway ``number`` (from 1)."""
    return Port(http_port + number - 1, HTTP_PORT_SETTING)


def _spec(
    name: str, command: Sequence[str], env: Mapping[str, str], port: Port, health_path: str
) -> ChildSpec:
    health_url = f"http://{LOOPBACK}:{port.number}{health_path}"

    async def check() -> None:
        await probe(health_url)

    return ChildSpec(
        name=name,
        command=command,
        check=check,
        ports=[port],
        env={**env, "PYTHONUNBUFFERED": "1"},
        start_timeout_s=90.0,
        # Longer than their own grace periods for requests and activities (10 and 20 s).
        stop_grace_s=25.0,
        health_url=health_url,
        rotates_log=True,
    )
