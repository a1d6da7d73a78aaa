"""Settings and presets of providers."""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Preset = Literal["google", "microsoft", "keycloak"]

GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com"
PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""Microsoft's tenant of personal accounts."""
ANY_TENANT = "{tenantid}"
"""The placeholder in the issuer of Microsoft's multi-tenant metadata."""

_LABELS: dict[Preset | None, str] = {
    "google": "Google",
    "microsoft": "Microsoft",
    "keycloak": "Keycloak",
}
_NEEDS: dict[Preset | None, tuple[str, ...]] = {
    None: ("issuer",),
    "google": (),
    "microsoft": ("tenant",),
    "keycloak": ("base_url", "realm"),
}
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|common|organizations|consumers")


class ProviderSettings(BaseModel):
    """A provider in `QUIZRUN_OIDC_PROVIDERS`: a preset, or an issuer."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    label: str = Field("", max_length=40)
    preset: Preset | None = None
    issuer: str = Field("", max_length=400)
    tenant: str = ""
    base_url: str = Field("", max_length=300)
    realm: str = Field("", pattern=r"^[\w.-]{0,80}$")
    client_id: str = Field(min_length=1, max_length=300)
    client_secret: SecretStr | None = None
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    create_accounts: bool = True
    logout: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if found := self.faults():
            raise ValueError("\n".join(found))
        return self

    def faults(self) -> list[str]:
        """Return a sentence for each invalid combination of values."""
        needs = _NEEDS[self.preset]
        of = f"the preset {self.preset}" if self.preset else "a provider without a preset"
        found = [f"{of} needs {field}." for field in needs if not getattr(self, field)]
        found += [
            f"{field} cannot be used with {of}."
            for field in ("issuer", "tenant", "base_url", "realm")
            if field not in needs and getattr(self, field)
        ]
        if self.tenant and not _TENANT.fullmatch(self.tenant):
            found.append("tenant must be the tenant's id, common, organizations or consumers.")
        found += [
            f"{field} must be an https:// URL without a query; http:// is only for localhost."
            for field in ("issuer", "base_url")
            if (url := getattr(self, field)) and not is_secure(url)
        ]
        if "openid" not in self.scopes:
            found.append("scopes must contain openid.")
        return found

    @property
    def title(self) -> str:
        """The text of the provider's button."""
        return self.label or _LABELS.get(self.preset) or self.name

    @property
    def issuer_url(self) -> str:
        """The URL below which ``/.well-known/openid-configuration`` is found."""
        if self.preset == "google":
            return GOOGLE
        if self.preset == "microsoft":
            return f"{MICROSOFT}/{self._tenant_id}/v2.0"
        if self.preset == "keycloak":
            return f"{self.base_url.rstrip('/')}/realms/{self.realm}"
        return self.issuer

    @property
    def expected_issuer(self) -> str:
        """The issuer that the metadata must name."""
        if self.preset == "microsoft" and self.has_many_tenants:
            return f"{MICROSOFT}/{ANY_TENANT}/v2.0"
        return self.issuer_url

    @property
    def has_many_tenants(self) -> bool:
        """Whether tokens of several Microsoft tenants are accepted."""
        return self.tenant in ("common", "organizations")

    @property
    def verifies_emails(self) -> bool:
        """Whether every email address counts as verified, as in a single Microsoft tenant.

        The tenant's own administrators assign addresses; those of other tenants could assign any.
        https://learn.microsoft.com/entra/identity-platform/migrate-off-email-claim-authorization
        """
        return (
            self.preset == "microsoft"
            and not self.has_many_tenants
            and self._tenant_id != PERSONAL_ACCOUNTS
        )

    @property
    def _tenant_id(self) -> str:
        return PERSONAL_ACCOUNTS if self.tenant == "consumers" else self.tenant


def is_secure(url: str) -> bool:
    """Return whether secrets may be sent to `url`: over TLS, or within this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or re.search(r"[\s\\]", url):
        return False
    local = host in ("localhost", "127.0.0.1", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and local)


def duplicate_names(providers: tuple[ProviderSettings, ...]) -> list[str]:
    """Return names that several providers share."""
    names = [provider.name for provider in providers]
    return sorted({name for name in names if names.count(name) > 1})
