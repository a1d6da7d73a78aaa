"""The page that stands at `/` and `/join/{pin}` until the web client takes its place."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import HTMLResponse

STATIC = Path(__file__).parent.parent / "static"
SLOT = "<!--pin-->"

_PIN = re.compile(r"[0-9]{6,8}")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class Pages:
    """Serves one static page under a content policy that allows just its own style."""

    def __init__(self, page: str) -> None:
        self._page = page
        style = _STYLE.search(page)
        digest = hashlib.sha256(style[1].encode() if style else b"").digest()
        self._policy = (
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            f"style-src 'sha256-{base64.b64encode(digest).decode()}'"
        )
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route("/", self.home, methods=["GET", "HEAD"])
        self.router.add_api_route("/join/{pin}", self.join, methods=["GET", "HEAD"])

    async def home(self) -> HTMLResponse:
        """What runs here."""
        return self._respond("")

    async def join(self, pin: str) -> HTMLResponse:
        """The same, with the PIN that the player was invited with."""
        if not _PIN.fullmatch(pin):
            return self._respond('<p class="pin">This is not a PIN.</p>', 404)
        return self._respond(f'<p class="pin">PIN <strong>{html.escape(pin)}</strong></p>')

    def _respond(self, notice: str, status: int = 200) -> HTMLResponse:
        headers = {"Content-Security-Policy": self._policy, "Cache-Control": "no-cache"}
        return HTMLResponse(self._page.replace(SLOT, notice), status, headers)


def read_pages() -> Pages:
    """The pages in `gateway/static`."""
    return Pages((STATIC / "index.html").read_text())
