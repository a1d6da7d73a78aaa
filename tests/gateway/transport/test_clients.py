"""The stock client libraries with their default options."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import socketio

CLIENTS = Path(__file__).parents[2] / "clients"
TRANSPORTS = [["websocket"], ["polling", "websocket"], ["polling"]]


@pytest.mark.parametrize("transports", TRANSPORTS, ids="+".join)
async def test_the_python_client(echo: str, transports: list[str]) -> None:
    client = socketio.AsyncClient(reconnection=False)
    heard: list[tuple[Any, ...]] = []
    client.on("auth", lambda *args: heard.append(args), namespace="/custom")
    client.on("message-back", lambda *args: heard.append(args), namespace="/custom")
    await client.connect(echo, transports=transports, namespaces=["/", "/custom"], auth={"a": 1})
    try:
        assert client.transport() == transports[-1]
        question = ("text", {"deep": [b"\0\1", 2.5, None]}, "ü")
        await client.emit("message", question, namespace="/custom")
        assert await client.call("message-with-ack", question, namespace="/custom") == question
        assert await client.call("fast", ("x", 1)) == ("x", 1)
        # time: some pings and pongs
        await asyncio.sleep(0.8)
        assert await client.call("fast", "y") == "y"
        assert heard == [({"a": 1},), question]
    finally:
        await client.disconnect()


SCRIPT = """
import { io } from "socket.io-client";
const options = JSON.parse(process.argv[3]);
const socket = io(process.argv[2] + "/custom", { auth: { a: 1 }, ...options });
const heard = [];
socket.on("auth", (value) => heard.push(value));
const text = (value) => (Buffer.isBuffer(value) ? value.toString() : value);
socket.on("message-back", (...values) => heard.push(values.map(text)));
socket.on("connect_error", (error) => { console.error(error); process.exit(1); });
socket.on("connect", async () => {
  socket.emit("message", 1, Buffer.from("abc"), { two: [2] });
  const ack = await socket.emitWithAck("message-with-ack", Buffer.from("xyz"));
  const burst = await Promise.all([...Array(200).keys()].map((n) => socket.emitWithAck("fast", n)));
  setTimeout(async () => {
    const late = await socket.emitWithAck("fast", "late");
    console.log(JSON.stringify({
      transport: socket.io.engine.transport.name, heard, ack: ack.toString(), late,
      burst: burst.every((value, n) => value === n),
    }));
    socket.disconnect();
  }, 1000);
});
"""


@pytest.mark.skipif(
    not (CLIENTS / "node_modules/socket.io-client").exists() or shutil.which("node") is None,
    reason="the JavaScript client is not installed",
)
@pytest.mark.parametrize(
    "options", [{}, {"transports": ["websocket"]}, {"upgrade": False}], ids=str
)
async def test_the_javascript_client(echo: str, options: dict[str, Any]) -> None:
    process = await asyncio.create_subprocess_exec(
        *("node", "--input-type=module", "-e", SCRIPT, "--", "", echo, json.dumps(options)),
        cwd=CLIENTS,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
    assert json.loads(output) == {
        "transport": "polling" if "upgrade" in options else "websocket",
        "heard": [{"a": 1}, [1, "abc", {"two": [2]}]],
        "ack": "xyz",
        "late": "late",
        "burst": True,
    }
