"""A client of one provider: authorization code flow with PKCE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.base_client import OAuthError

from gateway.oidc.attempt import Attempt
from gateway.oidc.id_token import issuer_of, verified_claims
from gateway.oidc.metadata import Discovery, Metadata
from gateway.oidc.person import Person, person_of
from gateway.oidc.providers import ANY_TENANT, ProviderSettings
from gateway.oidc.refusals import OidcRefusedError, Refusal
from gateway.oidc.web import fetch_json, oauth_client

MAX_PARAMETER_CHARS = 4_096

_UNAVAILABLE = ("server_error", "temporarily_unavailable")


class OidcClient:
    """The relying party's client of a provider."""

    def __init__(self, settings: ProviderSettings, public_url: str) -> None:
        self.settings = settings
        self._base = public_url.rstrip("/")
        self._redirect_uri = redirect_uri(public_url, settings.name)
        self._discovery = Discovery(settings)

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return the URL to redirect the browser to. Raises `provider_unavailable`."""
        metadata = await self._discovery.metadata()
        async with oauth_client(
            self.settings, scope=" ".join(self.settings.scopes), redirect_uri=self._redirect_uri
        ) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=attempt.state,
                code_verifier=attempt.verifier,
                nonce=attempt.nonce,
            )
        return str(url)

    async def person(self, attempt: Attempt, response: Mapping[str, str]) -> Person:
        """Return who signed in, from the authorization response's parameters.

        Raises `OidcRefusedError`.
        """
        metadata = await self._discovery.metadata()
        _check_issuer(metadata, response.get("iss"))
        if error := response.get("error"):
            raise _refusal_of(error)
        token = await self._exchange(metadata, attempt, response.get("code", ""))
        claims = await verified_claims(self.settings, self._discovery, token, attempt.nonce)
        return person_of(self.settings, await self._completed(metadata, claims, token))

    async def logout_url(self) -> str | None:
        """Return the URL that ends the provider's session; None if not configured."""
        if not self.settings.logout:
            return None
        try:
            endpoint = (await self._discovery.metadata()).end_session_endpoint
        except OidcRefusedError:
            return None  # signing out must not depend on the provider
        parameters = {
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": logout_uri(self._base),
        }
        joint = "&" if "?" in endpoint else "?"
        return f"{endpoint}{joint}{urlencode(parameters)}" if endpoint else None

    async def _exchange(self, metadata: Metadata, attempt: Attempt, code: str) -> dict[str, Any]:
        if not 0 < len(code) <= MAX_PARAMETER_CHARS:
            raise OidcRefusedError(Refusal.PROVIDER_REFUSED, "no code")
        try:
            async with oauth_client(
                self.settings,
                redirect_uri=self._redirect_uri,
                token_endpoint_auth_method=self._auth_method(metadata),
            ) as client:
                return dict(
                    await client.fetch_token(
                        metadata.token_endpoint,
                        grant_type="authorization_code",
                        code=code,
                        code_verifier=attempt.verifier,
                    )
                )
        except OAuthError as error:
            raise _refusal_of(str(error.error)) from error

    def _auth_method(self, metadata: Metadata) -> str:
        offered = metadata.token_auth_methods
        if self.settings.client_secret is None:
            return "none"
        basic = not offered or "client_secret_basic" in offered
        return "client_secret_basic" if basic else "client_secret_post"

    async def _completed(
        self, metadata: Metadata, claims: dict[str, Any], token: dict[str, Any]
    ) -> dict[str, Any]:
        """Add claims of the userinfo endpoint if the ID token has no address."""
        access_token = token.get("access_token")
        if "email" in claims or not metadata.userinfo_endpoint or not isinstance(access_token, str):
            return claims
        more = await fetch_json(
            self.settings, metadata.userinfo_endpoint, Authorization=f"Bearer {access_token}"
        )
        if more.get("sub") != claims["sub"]:
            raise OidcRefusedError(Refusal.TOKEN_INVALID, "userinfo is about another subject")
        return {**more, **claims}


def redirect_uri(public_url: str, provider: str) -> str:
    """Return the redirect URI to register with the provider."""
    return f"{public_url.rstrip('/')}/auth/oidc/{provider}/callback"


def logout_uri(public_url: str) -> str:
    """Return the post-logout redirect URI to register with the provider."""
    return f"{public_url.rstrip('/')}/host"


def _check_issuer(metadata: Metadata, issuer: str | None) -> None:
    """Reject a response of another provider (RFC 9207)."""
    if issuer is None and not metadata.names_issuer:
        return
    expected = metadata.issuer
    if issuer and ANY_TENANT in expected:
        prefix, _, suffix = expected.partition(ANY_TENANT)
        tenant = issuer.removeprefix(prefix).removesuffix(suffix)
        expected = issuer_of({"tid": tenant}, metadata)
    if issuer != expected:
        raise OidcRefusedError(Refusal.ISSUER_MISMATCH, "the response is from another issuer")


def _refusal_of(error: str) -> OidcRefusedError:
    reason = error[:80]
    if error == "access_denied":
        return OidcRefusedError(Refusal.ACCESS_DENIED, reason)
    if error == "invalid_grant":  # the code was used before or has expired
        return OidcRefusedError(Refusal.SIGN_IN_EXPIRED, reason)
    if error in _UNAVAILABLE:
        return OidcRefusedError(Refusal.PROVIDER_UNAVAILABLE, reason)
    return OidcRefusedError(Refusal.PROVIDER_REFUSED, reason)
