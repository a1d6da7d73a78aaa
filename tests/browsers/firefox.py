"""Debian's Firefox, controlled through Marionette, Firefox's native form of WebDriver.

geckodriver would only translate it to HTTP, and is not in Debian.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.browsers.processes import START_S, running, written
from tests.browsers.webdriver import Browser, WebDriverError
from tests.programs import debian_program

# A profile without prompts and network calls of its own, on a free port.
_PREFERENCES = {
    "marionette.port": 0,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "ui.prefersReducedMotion": 1,
    "intl.accept_languages": "en-GB",
}
_COMMAND_S = 60.0
_MOST_BYTES = 64 << 20


class Marionette:
    """Marionette's framing: the length, a colon, JSON."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._last = 0

    async def receive(self) -> Any:
        length = int((await self._reader.readuntil(b":"))[:-1])
        return json.loads(await self._reader.readexactly(length))

    async def send(self, command: str, parameters: dict[str, Any]) -> Any:
        self._last += 1
        frame = json.dumps([0, self._last, f"WebDriver:{command}", parameters]).encode()
        self._writer.write(b"%d:%s" % (len(frame), frame))
        async with asyncio.timeout(_COMMAND_S):
            _, number, error, result = await self.receive()
        assert number == self._last
        if error:
            raise WebDriverError(error["error"], error["message"])
        only_value = isinstance(result, dict) and set(result) == {"value"}
        return result["value"] if only_value else result


@asynccontextmanager
async def firefox(directory: Path) -> AsyncIterator[Browser]:
    """A headless Firefox with its profile in `directory`."""
    program = debian_program("firefox-esr")
    profile = directory / "profile"
    profile.mkdir()
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in _PREFERENCES.items()
    )
    (profile / "user.js").write_text("".join(lines))
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    env = {**os.environ, "HOME": str(directory), "MOZ_DISABLE_AUTO_SAFE_MODE": "1"}
    async with running(command, env, directory / "firefox.log"):
        port = int(await written(profile / "MarionetteActivePort"))
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_MOST_BYTES)
        try:
            marionette = Marionette(reader, writer)
            async with asyncio.timeout(START_S):
                await marionette.receive()  # the greeting
            await marionette.send("NewSession", {"capabilities": {}})
            yield Browser(marionette, "Firefox")
        finally:
            writer.close()
