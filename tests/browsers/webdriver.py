"""The part of W3C WebDriver that the tests need, over each engine's own transport."""

from __future__ import annotations

import asyncio
import base64
import time
from pathlib import Path
from typing import Any, Protocol

WAIT_S = 20.0
_LOOK_S = 0.1
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class WebDriverError(Exception):
    """An error of the browser: the specification's code, and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Transport(Protocol):
    """A browser session. Commands have the specification's names."""

    async def send(self, command: str, parameters: dict[str, Any]) -> Any: ...


class Browser:
    """A browser window, in terms of what users see and do."""

    def __init__(self, transport: Transport, name: str) -> None:
        self._transport = transport
        self.name = name

    async def open(self, url: str) -> None:
        await self._transport.send("Navigate", {"url": url})

    async def resize(self, width: int, height: int) -> None:
        await self._transport.send("SetWindowRect", {"width": width, "height": height})

    async def run(self, script: str, *arguments: Any) -> Any:
        """The value of `script`, the body of a function."""
        return await self._transport.send(
            "ExecuteScript", {"script": script, "args": list(arguments)}
        )

    async def forget_cookies(self) -> None:
        await self._transport.send("DeleteAllCookies", {})

    async def screenshot(self, path: Path) -> None:
        picture = await self._transport.send("TakeScreenshot", {"full": False})
        path.write_bytes(base64.b64decode(picture))  # noqa: ASYNC240 - a small one

    # --- page content

    async def sees(self, text: str, *, within_s: float = WAIT_S) -> None:
        """Wait until `text` is visible."""

        async def visible() -> bool:
            return text in await self.text()

        await self._until(visible, f"“{text}” does not show", within_s)

    async def sees_no(self, text: str) -> None:
        """Wait until `text` is no longer visible."""

        async def gone() -> bool:
            return text not in await self.text()

        await self._until(gone, f"“{text}” still shows", WAIT_S)

    async def text(self) -> str:
        """All visible text in layout order."""
        return str(await self.run("return document.body.innerText"))

    async def click(self, label: str, role: str = "button") -> None:
        """Click the centre of the element named `label`, as soon as that is possible.

        A real click rather than a script's, so that it hits whatever is on top.
        """
        await self._with(_named(role, label), "ElementClick", f"no {role} “{label}”")

    async def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        await self._with(_field(label), "ElementClear", f"no field “{label}”")
        await self._with(_field(label), "ElementSendKeys", f"no field “{label}”", text=text)

    async def paste(self, label: str, text: str) -> None:
        """Copy `text` elsewhere on the page with the keyboard and paste it into the field."""
        await self.run(
            "const source = document.createElement('textarea'); source.id = 'source';"
            "source.value = arguments[0]; document.body.append(source); source.select();",
            text,
        )
        source = '//*[@id="source"]'
        await self._with(source, "ElementSendKeys", "no source", text=f"{_CONTROL}a{_NULL}")
        await self._with(source, "ElementSendKeys", "no source", text=f"{_CONTROL}c{_NULL}")
        await self.run("document.getElementById('source').remove()")
        what = f"no field “{label}”"
        await self._with(_field(label), "ElementSendKeys", what, text=f"{_CONTROL}v{_NULL}")

    async def value(self, label: str) -> str:
        """The value of a field."""
        element = await self._find(_field(label))
        return str(await self.run("return arguments[0].value", element))

    async def _with(self, xpath: str, command: str, what: str, **parameters: Any) -> None:
        async def done() -> bool:
            element = await self._find(xpath)
            if element is None:
                return False
            try:
                await self._transport.send(command, {"id": element[ELEMENT], **parameters})
            except WebDriverError as error:
                if error.code in _NOT_YET:
                    return False
                raise
            return True

        await self._until(done, what, WAIT_S)

    async def _find(self, xpath: str) -> dict[str, str] | None:
        try:
            found = await self._transport.send("FindElement", {"using": "xpath", "value": xpath})
        except WebDriverError as error:
            if error.code in {"no such element", "stale element reference"}:
                return None
            raise
        return dict(found)

    async def _until(self, happened: Any, what: str, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not await happened():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: {what}. The page says:\n{await self.text()}")
            await asyncio.sleep(_LOOK_S)


_CONTROL, _NULL = "\ue009", "\ue000"
# It is covered or being rerendered: a user would wait, too.
_NOT_YET = {
    "element click intercepted",
    "element not interactable",
    "stale element reference",
    "no such element",
}


def _named(role: str, label: str) -> str:
    """Elements by their label or text, or a descendant's: tiles also contain a shape's name."""
    quoted = _quoted(label)
    roles = {
        "button": "self::button or @role='button'",
        "choice": "@role='menuitem' or self::button",
    }
    return (
        f"//*[{roles[role]}][not(@disabled)]"
        f"[@aria-label={quoted} or normalize-space()={quoted} "
        f"or .//*[normalize-space()={quoted}]]"
    )


def _field(label: str) -> str:
    quoted = _quoted(label)
    return (
        f"//*[self::input or self::textarea][@aria-label={quoted} or "
        f"@id=//label[normalize-space()={quoted}]/@for]"
    )


def _quoted(text: str) -> str:
    assert '"' not in text
    return f'"{text}"'
