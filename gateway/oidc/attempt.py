"""A sign-in in progress, stored in a sealed browser cookie."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass, field
from functools import partial

import orjson
from cryptography.fernet import InvalidToken

from gateway.keys import KeyRing

TTL_S = 600
MAX_COOKIE_CHARS = 2_000
HOME = "/host/quizzes"
MAX_NEXT_CHARS = 300

_NEXT = re.compile(r"/(host|screen)/(?!/)[\w\-/]*(\?[\w\-=&%]*)?", re.ASCII)
_random = partial(secrets.token_urlsafe, 32)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`state`, `nonce` and the PKCE `verifier` are unique to this attempt and browser.

    `account_id` and `session_id` are set when linking to a signed-in account.
    """

    provider: str
    next: str
    account_id: str = ""
    session_id: str = ""
    state: str = field(default_factory=_random)
    nonce: str = field(default_factory=_random)
    verifier: str = field(default_factory=partial(secrets.token_urlsafe, 48))


class AttemptSeal:
    """Encrypts attempts. Any gateway with the same secrets can open them within ten minutes."""

    def __init__(self, keys: KeyRing) -> None:
        self._seal = keys.seal(b"oidc attempts")

    def seal(self, attempt: Attempt) -> str:
        """Return the cookie's value."""
        return self._seal.encrypt(orjson.dumps(asdict(attempt))).decode().rstrip("=")

    def open(self, cookie: str | None) -> Attempt | None:
        """Return the attempt; None if the cookie is missing, expired or forged."""
        if not cookie or len(cookie) > MAX_COOKIE_CHARS:
            return None
        try:
            padded = cookie + "=" * (-len(cookie) % 4)
            return Attempt(**orjson.loads(self._seal.decrypt(padded, TTL_S)))
        except (InvalidToken, ValueError, TypeError):
            return None


def return_page(wanted: str | None) -> str:
    """Return the page to open after signing in; only host pages of this site are allowed."""
    if wanted and len(wanted) <= MAX_NEXT_CHARS and _NEXT.fullmatch(wanted):
        return wanted
    return HOME
