"""Sign in with providers: begin, return, sign out."""

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
"""The prefix of a session's method, before the provider's name."""


class OidcSignIn:
    """The configured providers, and sign-ins in progress."""

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
        """Providers in configured order."""
        return [client.settings for client in self._clients.values()]

    async def begin(self, attempt: Attempt) -> tuple[str, str]:
        """Return the URL to redirect to, and the cookie's value. Raises `OidcRefusedError`."""
        url = await self._client(attempt.provider).authorization_url(attempt)
        return url, self._seal.seal(attempt)

    def open_attempt(self, provider: str, kept: str | None, state: str) -> Attempt:
        """Open the attempt that the browser returns from. Raises `sign_in_expired`."""
        attempt = self._seal.open(kept)
        if attempt is None or attempt.provider != provider:
            raise OidcRefusedError(Refusal.SIGN_IN_EXPIRED, "no attempt in the cookie")
        if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace")):
            raise OidcRefusedError(Refusal.SIGN_IN_EXPIRED, "the state does not match")
        return attempt

    async def finish(
        self, attempt: Attempt, response: Mapping[str, str]
    ) -> tuple[ProviderSettings, Person]:
        """Return who signed in. An attempt works once. Raises `OidcRefusedError`."""
        client = self._client(attempt.provider)
        if not await self._used.first_use("oidc", attempt.state, TTL_S + 60):
            raise OidcRefusedError(Refusal.SIGN_IN_EXPIRED, "the attempt was already used")
        return client.settings, await client.person(attempt, response)

    async def logout_url(self, method: str) -> str | None:
        """Return the provider's logout URL for a session that began by `method`, if any."""
        client = self._clients.get(method.removeprefix(METHOD))
        if client is None or not method.startswith(METHOD):
            return None
        return await client.logout_url()

    def _client(self, name: str) -> OidcClient:
        client = self._clients.get(name)
        if client is None:
            raise OidcRefusedError(Refusal.PROVIDER_UNKNOWN)
        return client
