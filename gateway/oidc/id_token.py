"""Verify ID tokens."""

from __future__ import annotations

import re
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from gateway.oidc.metadata import Discovery, Metadata
from gateway.oidc.providers import ANY_TENANT, ProviderSettings
from gateway.oidc.refusals import OidcRefusedError, Refusal
from telemetry.clock import now_ms

LEEWAY_S = 30
"""Accepted clock skew between the provider and us."""
MAX_CHARS = 16_000
MAX_SUBJECT_CHARS = 255

_TENANT_ID = re.compile(r"[0-9a-f-]{36}")


async def verified_claims(
    provider: ProviderSettings, discovery: Discovery, token: dict[str, Any], nonce: str
) -> dict[str, Any]:
    """Return the verified claims of the ID token in a token response.

    Verifies signature and algorithm, `iss`, `aud` and `azp`, `exp`, `iat` and `nbf`, `nonce`, and
    `at_hash` if present (OpenID Connect Core 3.1.3.7). Raises `token_invalid`.
    """
    raw = token.get("id_token")
    if not isinstance(raw, str) or len(raw) > MAX_CHARS:
        raise _invalid("no ID token")
    try:
        decoded = await _decoded(raw, discovery)
        issuer = issuer_of(decoded.claims, await discovery.metadata())
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {
                "client_id": provider.client_id,
                "nonce": nonce,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now_ms() // 1000, LEEWAY_S)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _invalid(f"{type(error).__name__}: {error}"[:200]) from error
    _check_subject(claims)
    return dict(claims)


def issuer_of(claims: dict[str, Any], metadata: Metadata) -> str:
    """Return the issuer that a token must have; for multi-tenant Microsoft, that of its tenant."""
    if ANY_TENANT not in metadata.issuer:
        return metadata.issuer
    tenant = claims.get("tid")
    if not isinstance(tenant, str) or not _TENANT_ID.fullmatch(tenant):
        raise _invalid("no tenant")
    return metadata.issuer.replace(ANY_TENANT, tenant)


async def _decoded(raw: str, discovery: Discovery) -> jwt.Token:
    metadata = await discovery.metadata()
    registry = JWSRegistry(algorithms=list(metadata.algorithms), strict_check_header=False)
    try:
        return jwt.decode(raw, await discovery.keys(), registry=registry)
    except InvalidKeyIdError:  # the provider may have rotated its keys
        return jwt.decode(raw, await discovery.keys(renew=True), registry=registry)


def _check_subject(claims: dict[str, Any]) -> None:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS:
        raise _invalid("the subject is empty or too long")
    if "\0" in subject:
        raise _invalid("the subject contains U+0000")


def _invalid(reason: str) -> OidcRefusedError:
    return OidcRefusedError(Refusal.TOKEN_INVALID, reason)
