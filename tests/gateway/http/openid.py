"""Real OpenID providers for tests, and a browser that signs in with them."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from tests.gateway.http.conftest import Api

CLIENTS = Path(__file__).resolve().parents[2] / "clients"
PUBLIC = "http://quiz.example"
CLIENT_ID, CLIENT_SECRET = "quizrun", "a-secret-of-the-tests"


@dataclass(frozen=True)
class OpenIdProviders:
    """Two issuers whose clock can be changed."""

    a: str
    b: str
    control: str

    def settings(self, **of_a: Any) -> list[dict[str, Any]]:
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return [
            {"name": "a", "label": "School A", "issuer": self.a, **client, **of_a},
            {"name": "b", "issuer": self.b, **client},
        ]

    @asynccontextmanager
    async def clock_off_by(self, offset_s: int) -> AsyncIterator[None]:
        async with httpx.AsyncClient() as client:
            await client.get(self.control, params={"offset_s": offset_s})
            try:
                yield
            finally:
                await client.get(self.control, params={"offset_s": 0})


@asynccontextmanager
async def openid_providers() -> AsyncIterator[OpenIdProviders]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local.node", "node", "oidc_provider.mjs"),
        *(f"{PUBLIC}/auth/oidc/{name}/callback" for name in ("a", "b")),
        cwd=CLIENTS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(30):
        said = await process.stdout.readline()
    yield OpenIdProviders(**json.loads(said))
    process.stdin.close()
    await process.wait()


@dataclass
class Browser:
    """A browser with cookies that follows pages."""

    api: Api
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30))

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Sec-Fetch-Site": "same-origin"}
        url = f"{self.api.url}/api/v1{path}"
        return await self.http.request(method, url, json=body, headers=headers)

    async def leaves(self, provider: str, next_page: str | None = None) -> str:
        """Click the provider's button; return the URL it leads to."""
        query = f"?{urlencode({'next': next_page})}" if next_page else ""
        reply = await self.http.get(f"{self.api.url}/auth/oidc/{provider}/login{query}")
        assert reply.status_code == 303
        return reply.headers["location"]

    async def signs_in_at(self, url: str, login: str) -> str:
        """Sign in on the provider's pages; return the URL that the browser is redirected to."""
        reply = await self.http.get(url)
        for _ in range(12):
            if reply.is_redirect:
                url = urljoin(str(reply.url), reply.headers["location"])
                if url.startswith(PUBLIC):
                    return url
                reply = await self.http.get(url)
            else:
                reply = await self._submit(reply, login)
        raise AssertionError(reply.text)

    async def comes_back(self, url: str) -> str:
        """Open our callback; return the URL it redirects to."""
        path = url.removeprefix(PUBLIC)
        reply = await self.http.get(f"{self.api.url}{path}")
        assert reply.status_code == 303, reply.text
        return reply.headers["location"]

    async def signs_in(self, provider: str, login: str, next_page: str | None = None) -> str:
        url = await self.leaves(provider, next_page)
        return await self.comes_back(await self.signs_in_at(url, login))

    async def me(self) -> dict[str, Any] | None:
        reply = await self.call("GET", "/me/profile")
        return reply.json() if reply.status_code == 200 else None

    async def _submit(self, page: httpx.Response, login: str) -> httpx.Response:
        assert page.status_code == 200, page.text
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        prompt = re.search(r'name="prompt" value="([^"]+)"', page.text)
        assert action is not None, page.text
        assert prompt is not None, page.text
        form = {"prompt": prompt[1], "login": login, "password": "any"}
        return await self.http.post(urljoin(str(page.url), unescape(action[1])), data=form)


def error_in(location: str) -> str:
    """The `error` parameter of the sign-in page's URL."""
    parts = urlsplit(location)
    found = re.search(r"(?:^|&)error=(\w+)", parts.query)
    assert found is not None, location
    return f"{parts.path} {found[1]}"
