"""Debian's WebKit (WebKitGTK's MiniBrowser), controlled by its WebDriver, on a virtual screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from deploy.local.ports import LOOPBACK, free_port
from tests.browsers.processes import START_S, running
from tests.browsers.webdriver import Browser, WebDriverError
from tests.programs import debian_program

_COMMAND_S = 60.0
_SCREEN = "1400x1000x24"
# The URL of each command; element ids are part of it.
_ROUTES = {
    "Navigate": ("POST", "/url"),
    "SetWindowRect": ("POST", "/window/rect"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "DeleteAllCookies": ("DELETE", "/cookie"),
    "TakeScreenshot": ("GET", "/screenshot"),
    "FindElement": ("POST", "/element"),
    "ElementClick": ("POST", "/element/{id}/click"),
    "ElementClear": ("POST", "/element/{id}/clear"),
    "ElementSendKeys": ("POST", "/element/{id}/value"),
}


class Http:
    """WebDriver over HTTP in one session."""

    def __init__(self, http: httpx.AsyncClient, session: str) -> None:
        self._http = http
        self._session = session

    async def send(self, command: str, parameters: dict[str, Any]) -> Any:
        method, route = _ROUTES[command]
        path = route.format(id=parameters.pop("id", ""))
        body = parameters if method == "POST" else None
        answer = await self._http.request(method, f"/session/{self._session}{path}", json=body)
        value = answer.json()["value"]
        if answer.is_error:
            raise WebDriverError(value["error"], value["message"])
        return value


@asynccontextmanager
async def webkit(directory: Path) -> AsyncIterator[Browser]:
    """A MiniBrowser with its home in `directory`."""
    program = debian_program("WebKitWebDriver")
    screen = debian_program("Xvfb")
    env = {**os.environ, "HOME": str(directory), "LC_ALL": "C.UTF-8", "LANGUAGE": "en_GB"}
    # without a graphics card and a desktop
    env |= {"LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1", "GSETTINGS_BACKEND": "memory"}
    async with _display(screen, env, directory / "xvfb.log") as display:
        env["DISPLAY"] = display
        port = free_port()
        command = [program, f"--port={port}", f"--host={LOOPBACK}"]
        async with (
            running(command, env, directory / "webkit.log"),
            httpx.AsyncClient(
                base_url=f"http://{LOOPBACK}:{port}", timeout=_COMMAND_S, trust_env=False
            ) as http,
        ):
            await _answers(http)
            made = await http.post("/session", json={"capabilities": {"alwaysMatch": {}}})
            assert made.is_success, made.text
            session = made.json()["value"]["sessionId"]
            try:
                yield Browser(Http(http, session), "WebKit")
            finally:
                await http.delete(f"/session/{session}")


@asynccontextmanager
async def _display(program: str, env: dict[str, str], log: Path) -> AsyncIterator[str]:
    reading, writing = os.pipe()
    command = [program, "-displayfd", str(writing), "-screen", "0", _SCREEN, "-nolisten", "tcp"]
    with os.fdopen(reading) as chosen:
        try:
            async with running(command, env, log, pass_fds=(writing,)):
                os.close(writing)
                writing = -1
                async with asyncio.timeout(START_S):
                    number = await asyncio.to_thread(chosen.readline)
                yield f":{int(number)}"
        finally:
            if writing >= 0:
                os.close(writing)


async def _answers(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(START_S):
        while True:
            try:
                if (await http.get("/status")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
