"""The machine's Chromium, controlled through DevTools, like `web/e2e` does through Playwright.

The commands have WebDriver's names; chromedriver would only translate them.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.errors import StackError
from deploy.local.chromium import chromium as program
from tests.browsers.processes import START_S, running, written
from tests.browsers.webdriver import ELEMENT, Browser, WebDriverError

_COMMAND_S = 60.0
_LOOK_S = 0.05
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--force-prefers-reduced-motion",
    "--lang=en-GB",
    "--remote-debugging-port=0",
)
# The centre of an element, if it is on top there.
_PLACE = """function () {
    this.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const { x, y, width, height } = this.getBoundingClientRect();
    const place = [x + width / 2, y + height / 2];
    const top = document.elementFromPoint(...place);
    return width && height && (this.contains(top) || top?.contains(this)) ? place : null;
}"""
_CLEAR = """function () {
    this.focus();
    this.value = '';
    this.dispatchEvent(new Event('input', { bubbles: true }));
}"""
_FIND = """function (path) {
    return document.evaluate(path, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null)
        .singleNodeValue;
}"""
_STATE = "return document.readyState"

Parameters = dict[str, Any]


class DevTools:
    """A page with the commands that the tests use."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._session: dict[str, str] = {}
        self._commands: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "Navigate": self._navigate,
            "SetWindowRect": self._resize,
            "ExecuteScript": self._execute,
            "FindElement": self._find,
            "ElementClick": self._click,
            "ElementClear": self._clear,
            "ElementSendKeys": self._type,
        }

    async def attach(self) -> None:
        """Open the page."""
        made = await self._ask("Target.createTarget", url="about:blank")
        attached = await self._ask("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        self._session = {"sessionId": attached["sessionId"]}

    async def send(self, command: str, parameters: Parameters) -> Any:
        return await self._commands[command](parameters)

    async def _ask(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        await self._socket.send_json(
            {"id": number, "method": method, "params": parameters, **self._session}
        )
        async with asyncio.timeout(_COMMAND_S):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == number:
                    break
        if "error" in answer:
            raise WebDriverError("stale element reference", answer["error"]["message"])
        return answer["result"]

    async def _call(
        self, function: str, *arguments: Any, on: str | None = None, **more: Any
    ) -> Any:
        target = (
            on or (await self._ask("Runtime.evaluate", expression="window"))["result"]["objectId"]
        )
        answer = await self._ask(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            objectId=target,
            arguments=[_argument(one) for one in arguments],
            **more,
        )
        if "exceptionDetails" in answer:
            raise WebDriverError("javascript error", str(answer["exceptionDetails"]))
        return answer["result"]

    async def _navigate(self, wanted: Parameters) -> None:
        await self._ask("Page.navigate", url=wanted["url"])
        async with asyncio.timeout(_COMMAND_S):
            while await self._execute({"script": _STATE, "args": []}) != "complete":  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_S)

    async def _resize(self, wanted: Parameters) -> None:
        await self._ask(
            "Emulation.setDeviceMetricsOverride", **wanted, deviceScaleFactor=1, mobile=False
        )

    async def _execute(self, wanted: Parameters) -> Any:
        function = f"function () {{ {wanted['script']} }}"
        found = await self._call(function, *wanted["args"], returnByValue=True)
        return found.get("value")

    async def _find(self, wanted: Parameters) -> dict[str, str]:
        found = await self._call(_FIND, wanted["value"])
        if "objectId" not in found:
            raise WebDriverError("no such element", wanted["value"])
        return {ELEMENT: found["objectId"]}

    async def _click(self, wanted: Parameters) -> None:
        found = await self._call(_PLACE, on=wanted["id"], returnByValue=True)
        if found.get("value") is None:
            raise WebDriverError("element click intercepted", "It is covered.")
        x, y = found["value"]
        for kind, buttons in (("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)):
            pressed = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            await self._ask(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, buttons=buttons, **pressed
            )

    async def _clear(self, wanted: Parameters) -> None:
        await self._call(_CLEAR, on=wanted["id"])

    async def _type(self, wanted: Parameters) -> None:
        await self._call("function () { this.focus() }", on=wanted["id"])
        await self._ask("Input.insertText", text=wanted["text"])


def _argument(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and ELEMENT in value:
        return {"objectId": value[ELEMENT]}
    return {"value": value}


@asynccontextmanager
async def chromium(directory: Path) -> AsyncIterator[Browser]:
    """A headless Chromium with its profile in `directory`."""
    profile = directory / "profile"
    command = [_program(), *_OPTIONS, f"--user-data-dir={profile}"]
    env = {**os.environ, "HOME": str(directory)}
    async with running(command, env, directory / "chromium.log"):
        port, path = (await written(profile / "DevToolsActivePort")).split()
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0) as socket,
        ):
            page = DevTools(socket)
            async with asyncio.timeout(START_S):
                await page.attach()
            yield Browser(page, "Chromium")


def _program() -> str:
    try:
        return program()
    except StackError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
