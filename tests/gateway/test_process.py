"""The gateway as a process, as in production."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import socketio

from db.migrate import migrate
from deploy.local.stack import Servers
from tests.gateway.http.conftest import QUIZ, registration

SECRET = "0123456789abcdef0123456789abcdef"


@asynccontextmanager
async def gateway_process(
    servers: Servers,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.main", "--port", str(port)),
        env={**os.environ, **servers.env(), "QUIZRUN_SECRET": SECRET},
        stdout=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while True:
                assert process.returncode is None
                try:
                    if (await client.get(f"{url}/readyz")).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        yield process, url
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def migrated(servers: Servers) -> Servers:
    await asyncio.to_thread(migrate, servers.database_url)
    return servers


async def test_it_stops_on_request_during_a_kafka_outage(migrated: Servers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.main", "--port", str(nobody)),
        env={
            **os.environ,
            **migrated.env(),
            "QUIZRUN_SECRET": SECRET,
            "QUIZRUN_KAFKA_BOOTSTRAP": f"127.0.0.1:{nobody}",
        },
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while b"kafka" not in await process.stdout.readline():
                assert process.returncode is None
            process.send_signal(signal.SIGTERM)
            await process.stdout.read()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()


async def test_api_and_sockets_share_a_port_and_stop_in_order(migrated: Servers) -> None:
    async with (
        gateway_process(migrated) as (process, url),
        httpx.AsyncClient(base_url=f"{url}/api/v1") as host,
    ):
        ready = (await host.get(f"{url}/readyz")).json()
        assert set(ready["servers"]) == {"postgres", "redis", "temporal", "kafka"}
        assert "quizrun_sockets" in (await host.get(f"{url}/metrics")).text
        signed_in = (await host.post("/auth/register", json=registration())).json()
        quiz_id = (await host.post("/quizzes", json=QUIZ)).json()["id"]
        run = (await host.post("/runs", json={"quiz_id": quiz_id})).json()

        player = socketio.AsyncClient(reconnection=False)
        await player.connect(url, namespaces=["/play"], transports=["websocket"])
        joined = await player.call(
            "join", {"pin": run["pin"], "nickname": "Bob"}, namespace="/play", timeout=10
        )
        assert joined["ok"], joined
        watching = socketio.AsyncClient(reconnection=False)
        auth = {"token": signed_in["access_token"], "run_id": run["run_id"]}
        await watching.connect(url, auth=auth, namespaces=["/host"], transports=["websocket"])
        assert (await host.get(f"/runs/{run['run_id']}")).json()["players"] == 1

        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await process.wait() == 0
        for client in (player, watching):
            await client.disconnect()
