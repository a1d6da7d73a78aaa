"""The reasons why a sign-in by a provider fails."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Stable codes for `?error=` on the sign-in page, which has a sentence for each."""

    PROVIDER_UNKNOWN = "provider_unknown"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_REFUSED = "provider_refused"
    ACCESS_DENIED = "access_denied"
    SIGN_IN_EXPIRED = "sign_in_expired"
    ISSUER_MISMATCH = "issuer_mismatch"
    TOKEN_INVALID = "token_invalid"  # noqa: S105
    EMAIL_UNVERIFIED = "email_unverified"
    LINK_FIRST = "link_first"
    FACTOR_FIRST = "factor_first"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_UNKNOWN = "account_unknown"
    IDENTITY_TAKEN = "identity_taken"
    SESSION_CHANGED = "session_changed"


class OidcRefusedError(Exception):
    """A failed sign-in. `reason` is for the log and contains no personal data."""

    def __init__(self, code: Refusal, reason: str = "") -> None:
        super().__init__(reason or code.value)
        self.code = code
        self.reason = reason or code.value
