"""Who has signed in at a provider, as far as Quizrun wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.http.account_fields import MAX_NAME_CHARS, DisplayName, Email
from gateway.mail.texts import LANGUAGES
from gateway.oidc.providers import ProviderSettings

_EMAIL = TypeAdapter(Email)
_NAME = TypeAdapter(DisplayName)


@dataclass(frozen=True, slots=True)
class Person:
    """`issuer` and `subject` identify the person for ever, `email` may change.

    `email` is None unless the provider vouches for it.
    """

    issuer: str
    subject: str
    email: str | None
    display_name: str
    language: str | None


def person_of(provider: ProviderSettings, claims: dict[str, Any]) -> Person:
    """What the claims of an ID token and of the userinfo endpoint say together."""
    email = _valid(_EMAIL, claims.get("email"))
    return Person(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=email if email and is_verified(provider, claims) else None,
        display_name=_display_name(claims, email),
        language=_language(claims.get("locale")),
    )


def is_verified(provider: ProviderSettings, claims: dict[str, Any]) -> bool:
    """Whether the provider vouches for the e-mail address in `claims`.

    Microsoft has no `email_verified`, but, where the app asks for it, `xms_edov`: the owner of the
    address's domain has been verified.
    """
    if provider.preset == "microsoft":
        return provider.vouches_for_emails or _is_true(claims.get("xms_edov"))
    return _is_true(claims.get("email_verified"))


def _is_true(value: Any) -> bool:
    """Some providers write booleans as text, and Microsoft as 1."""
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
