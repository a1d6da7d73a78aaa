"""The fixtures of the HTTP API and of live gateways, which these tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from tests.gateway.conftest import database_url
from tests.gateway.http.conftest import Api, MakeApi, make_api, workers
from tests.gateway.live.conftest import connect, gateway, other_gateway, stores
from tests.security.actors import CHEAP, World, open_world

__all__ = [
    "connect",
    "database_url",
    "gateway",
    "make_api",
    "other_gateway",
    "stores",
    "workers",
]


@pytest.fixture(scope="package")
async def provider() -> AsyncIterator[str]:
    """The metadata of an OpenID provider."""

    async def metadata(request: web.Request) -> web.Response:
        issuer = str(request.url.origin())
        return web.json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
            }
        )

    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", metadata)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture(scope="package")
async def site(make_api: MakeApi, workers: None, provider: str) -> AsyncIterator[Api]:
    """An API that executes runs, and shows the mail that it would send."""
    oidc = [{"name": "school", "issuer": provider, "client_id": "quizrun"}]
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            # Passwords are not the subject, and hashing them would be most of the work.
            patch.setattr("gateway.security.password_hasher", lambda: CHEAP)
            made = make_api(mail_inbox=True, oidc_providers=oidc)
            running = await stack.enter_async_context(made)
        yield running


@pytest.fixture(scope="module")
async def world(site: Api) -> World:
    return await open_world(site)
