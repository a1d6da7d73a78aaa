"""Fetch and cache a provider's metadata and keys."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from gateway.oidc.providers import ProviderSettings, is_secure
from gateway.oidc.refusals import OidcRefusedError, Refusal
from gateway.oidc.web import fetch_json
from gateway.single_flight import SingleFlight

FRESH_S = 3_600.0
USABLE_S = 24 * 3_600.0
"""How long a stale copy is used while the provider is unavailable."""
REFETCH_S = 30.0
"""The minimum time between fetches caused by unknown keys."""
WELL_KNOWN = "/.well-known/openid-configuration"
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Asymmetric algorithms. `none` and HMAC are never accepted, whatever a provider offers."""

Fetch = Callable[[str], Awaitable[dict[str, Any]]]
Clock = Callable[[], float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata that we use; missing URLs are empty."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    token_auth_methods: tuple[str, ...]
    algorithms: tuple[str, ...]
    names_issuer: bool
    """Whether authorization responses have the parameter `iss` (RFC 9207)."""


class Discovery:
    """The metadata and keys of a provider. `fetch` raises `provider_unavailable`."""

    def __init__(
        self, provider: ProviderSettings, fetch: Fetch | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._provider = provider
        self._fetch = fetch or (lambda url: fetch_json(provider, url))
        self._metadata = _Cached(self._fetch_metadata, clock)
        self._keys = _Cached(self._fetch_keys, clock)

    async def metadata(self) -> Metadata:
        """Return the metadata. Raises `provider_unavailable`."""
        return await self._metadata.get(FRESH_S)

    async def keys(self, *, renew: bool = False) -> KeySet:
        """Return the public keys; `renew` if one is missing. Raises `provider_unavailable`."""
        return await self._keys.get(REFETCH_S if renew else FRESH_S)

    async def _fetch_metadata(self) -> Metadata:
        document = await self._fetch(self._provider.issuer_url.rstrip("/") + WELL_KNOWN)
        if document.get("issuer") != self._provider.expected_issuer:
            raise _unusable("the metadata name another issuer")
        return _metadata_of(document)

    async def _fetch_keys(self) -> KeySet:
        document = await self._fetch((await self.metadata()).jwks_uri)
        keys = document.get("keys")
        if not isinstance(keys, list):
            raise _unusable("the key set is empty")
        return KeySet(list(chain.from_iterable(map(_imported, keys))))


class _Cached(Generic[T]):
    """A cached value; concurrent callers share one fetch."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._flight: SingleFlight[T] = SingleFlight()
        self._value: T | None = None
        self._fetched_at = 0.0

    async def get(self, max_age_s: float) -> T:
        """Return the value, refetched if older; the stale value if that fails."""
        value, age_s = self._value, self._clock() - self._fetched_at
        if value is not None and age_s < max_age_s:
            return value
        try:
            return await self._flight.run("", self._renew)
        except OidcRefusedError:
            if value is None or age_s > USABLE_S:
                raise
            return value

    async def _renew(self) -> T:
        self._value = value = await self._fetch()
        self._fetched_at = self._clock()
        return value


def _metadata_of(document: dict[str, Any]) -> Metadata:
    offered = _words(document, "id_token_signing_alg_values_supported") or ("RS256",)
    found = Metadata(
        issuer=str(document["issuer"]),
        authorization_endpoint=_address(document, "authorization_endpoint"),
        token_endpoint=_address(document, "token_endpoint"),
        jwks_uri=_address(document, "jwks_uri"),
        userinfo_endpoint=_address(document, "userinfo_endpoint", required=False),
        end_session_endpoint=_address(document, "end_session_endpoint", required=False),
        token_auth_methods=_words(document, "token_endpoint_auth_methods_supported"),
        algorithms=tuple(name for name in offered if name in SIGNATURES),
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )
    if not found.algorithms:
        raise _unusable("no supported ID token signing algorithm")
    return found


def _address(document: dict[str, Any], name: str, *, required: bool = True) -> str:
    url = document.get(name)
    if isinstance(url, str) and is_secure(url):
        return url
    if required:
        raise _unusable(f"the metadata have no usable {name}")
    return ""


def _words(document: dict[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _imported(item: Any) -> list[Any]:
    """Import a key, unless it is for encryption or of an unknown type."""
    if not isinstance(item, dict) or item.get("use", "sig") != "sig" or item.get("kty") == "oct":
        return []
    try:
        return [JWKRegistry.import_key(item)]
    except (JoseError, ValueError, TypeError, KeyError):
        return []


def _unusable(reason: str) -> OidcRefusedError:
    return OidcRefusedError(Refusal.PROVIDER_UNAVAILABLE, reason)
