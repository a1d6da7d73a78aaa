"""Sign-in by providers, from the click on a button to the account."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from db.used_once import UsedOnce
from gateway.oidc.accounts import OidcAccounts
from gateway.oidc.attempt import TTL_S, Attempt, AttemptSeal
from gateway.oidc.client import OidcClient
from gateway.oidc.person import Person
from gateway.oidc.providers import ProviderSettings
from gateway.oidc.refusals import OidcRefusedError, Refusal

METHOD = "oidc:"
"""What the method of a session begins with, before the provider's name."""


class OidcSignIn:
    """The providers, and attempts to sign in by them."""

    def __init__(
        self,
        providers: Sequence[ProviderSettings],
        public_url: str,
        seal: AttemptSeal,
        used: UsedOnce,
        accounts: OidcAccounts,
    ) -> None:
        self.accounts = accounts
        self._clients = {each.name: OidcClient(each, public_url) for each in providers}
        self._seal = seal
        self._used = used

    @property
    def providers(self) -> list[ProviderSettings]:
        """All of them, in the order in which they are configured."""
        return [client.settings for client in self._clients.values()]

    async def begin(self, attempt: Attempt) -> tuple[str, str]:
        """Where to send the browser, and what it must keep meanwhile. Raises `OidcRefusedError`."""
        url = await self._client(attempt.provider).authorization_url(attempt)
        return url, self._seal.seal(attempt)

    def opened(self, provider: str, kept: str | None, state: str) -> Attempt:
        """The attempt that the browser has kept, and comes back from. Raises `sign_in_expired`."""
        attempt = self._seal.open(kept)
        if attempt is None or attempt.provider != provider:
            raise OidcRefusedError(Refusal.SIGN_IN_EXPIRED, "the browser has kept no such attempt")
        if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace")):
            raise OidcRefusedError(Refusal.SIGN_IN_EXPIRED, "the state is another one")
        return attempt

    async def finish(
        self, attempt: Attempt, reply: Mapping[str, str]
    ) -> tuple[ProviderSettings, Person]:
        """Who has signed in. An attempt is good once. Raises `OidcRefusedError`."""
        client = self._client(attempt.provider)
        if not await self._used.first_use("oidc", attempt.state, TTL_S + 60):
            raise OidcRefusedError(Refusal.SIGN_IN_EXPIRED, "the attempt has been used before")
        return client.settings, await client.person(attempt, reply)

    async def logout_url(self, method: str) -> str | None:
        """Where a browser that signed in by `method` signs out of its provider, if it should."""
        client = self._clients.get(method.removeprefix(METHOD))
        if client is None or not method.startswith(METHOD):
            return None
        return await client.logout_url()

    def _client(self, name: str) -> OidcClient:
        client = self._clients.get(name)
        if client is None:
            raise OidcRefusedError(Refusal.PROVIDER_UNKNOWN)
        return client
