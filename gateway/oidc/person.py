"""The person who signed in, from a provider's claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.mail.texts import LANGUAGES
from gateway.oidc.providers import ProviderSettings
from gateway.person_fields import DisplayName, Email
from quiz.limits import MAX_NAME_CHARS

_EMAIL = TypeAdapter(Email)
_NAME = TypeAdapter(DisplayName)


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a provider. `issuer` and `subject` are permanent; `email` may change.

    `email` is None unless the provider verified it.
    """

    issuer: str
    subject: str
    email: str | None
    display_name: str
    language: str | None


def person_of(provider: ProviderSettings, claims: dict[str, Any]) -> Person:
    """Build a person from the claims of the ID token and the userinfo endpoint."""
    email = _valid(_EMAIL, claims.get("email"))
    return Person(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=email if email and is_verified(provider, claims) else None,
        display_name=_display_name(claims, email),
        language=_language(claims.get("locale")),
    )


def is_verified(provider: ProviderSettings, claims: dict[str, Any]) -> bool:
    """Return whether the provider verified the email address in `claims`.

    Microsoft does not send `email_verified`, but on request `xms_edov`: the owner of the address's
    domain is verified.
    """
    if provider.preset == "microsoft":
        return provider.verifies_emails or _is_true(claims.get("xms_edov"))
    return _is_true(claims.get("email_verified"))


def _is_true(value: Any) -> bool:
    # Some providers send booleans as strings, and Microsoft as 1.
    return value is True or value in ("true", "True", "1") or (type(value) is int and value == 1)


def _display_name(claims: dict[str, Any], email: str | None) -> str:
    for name in ("name", "preferred_username", "nickname", "given_name"):
        value = claims.get(name)
        if isinstance(value, str) and (found := _valid(_NAME, value[:MAX_NAME_CHARS])):
            return found
    return (email or "").partition("@")[0] or "–"


def _language(locale: Any) -> str | None:
    language = locale[:2].lower() if isinstance(locale, str) else ""
    return language if language in LANGUAGES else None


def _valid(adapter: TypeAdapter[str], value: Any) -> str | None:
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError:
        return None
