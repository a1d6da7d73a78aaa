"""HTTP requests to providers: limited in time and size, without redirects or compression."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from gateway.oidc.providers import ProviderSettings
from gateway.oidc.refusals import OidcRefusedError, Refusal

TIMEOUT_S = 8.0
MAX_BYTES = 256 * 1024
"""Microsoft's keys, the longest document of the large providers, take about 20 kB."""


class _Bounded(httpx2.AsyncByteStream):
    """A response stream that raises an error if it gets too long."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MAX_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise httpx2.RemoteProtocolError(f"more than {MAX_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        """Close the underlying stream."""
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.RemoteProtocolError("unrequested compression")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


@cache
def _tls() -> ssl.SSLContext:
    """Create the process's only context: creating one takes tens of milliseconds."""
    return httpx2.create_ssl_context()


@asynccontextmanager
async def oauth_client(provider: ProviderSettings, **more: Any) -> AsyncIterator[AsyncOAuth2Client]:
    """Open a client for one exchange. Outages and timeouts raise `provider_unavailable`."""
    secret = provider.client_secret
    try:
        async with (
            asyncio.timeout(TIMEOUT_S),
            AsyncOAuth2Client(
                client_id=provider.client_id,
                client_secret=secret.get_secret_value() if secret else None,
                code_challenge_method="S256",
                verify=_tls(),
                timeout=TIMEOUT_S,
                headers={"Accept-Encoding": "identity", "User-Agent": "Quizrun"},
                event_hooks={"response": [_bound]},
                **more,
            ) as client,
        ):
            yield client
    except OAuthError:
        raise  # an error response of the provider
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise OidcRefusedError(Refusal.PROVIDER_UNAVAILABLE, reason[:200]) from error


async def fetch_json(provider: ProviderSettings, url: str, **headers: str) -> dict[str, Any]:
    """Return the JSON object at `url`. Raises `provider_unavailable`."""
    async with oauth_client(provider) as client:
        response = await client.request("GET", url, withhold_token=True, headers=headers)
        if response.status_code != 200:
            raise httpx2.RemoteProtocolError(f"status {response.status_code}")
        document = response.json()
        if not isinstance(document, dict):
            raise httpx2.RemoteProtocolError("not a JSON object")
        return document
