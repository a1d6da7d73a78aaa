"""Authenticator apps (TOTP, RFC 6238)."""

from __future__ import annotations

from typing import NamedTuple

import pyotp
import structlog
from cryptography.fernet import InvalidToken

from db.accounts import Account
from db.one_time_tokens import OneTimeTokens
from db.totp import Totp, Totps
from gateway.keys import KeyRing
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

ISSUER = "Quizrun"
SETUP = "totp_setup"
SETUP_TTL_S = 15 * 60
SEALED_FOR = b"authenticator apps"
WINDOW = 1
"""Accepted clock drift, in time steps of 30 s."""

log = structlog.get_logger(__name__)


class Setup(NamedTuple):
    """A key for an app, to type in or as the `uri` of a QR code; `token` is for `confirm`."""

    token: str
    key: str
    uri: str


class AuthenticatorApps:
    """Verifies codes. Keys are stored encrypted; each code works once (RFC 6238, section 5.2)."""

    def __init__(self, totps: Totps, tokens: OneTimeTokens, keys: KeyRing) -> None:
        self._totps = totps
        self._tokens = tokens
        self._seal = keys.seal(SEALED_FOR)

    async def set_up(self, account: Account) -> Setup:
        """Create a key. It takes effect once `confirm` gets a code of it."""
        if await self._totps.find(account.id) is not None:
            raise _taken()
        key = pyotp.random_base32()
        sealed = self._seal.encrypt(key.encode()).decode()
        token = await self._tokens.issue(SETUP, account.id, SETUP_TTL_S, sealed=sealed)
        uri = pyotp.TOTP(key, name=account.email, issuer=ISSUER).provisioning_uri()
        return Setup(token, key, uri)

    async def confirm(self, account: Account, token: str, code: str) -> None:
        """Activate a key. Raises `link_expired`, `second_factor_invalid` or `factor_conflict`."""
        found = await self._tokens.look_up(SETUP, token)
        if found.account_id != account.id:
            raise QuizrunError(ErrorCode.LINK_EXPIRED, "This key belongs to another account.")
        sealed = str(found.details["sealed"]).encode()
        step = self._step(sealed, code)
        if step is None:
            raise QuizrunError(ErrorCode.SECOND_FACTOR_INVALID, "The code is wrong.")
        await self._tokens.use(SETUP, token)
        if not await self._totps.add(Totp(account.id, sealed, step, now_ms())):
            raise _taken()

    async def accepts(self, account_id: str, code: str) -> bool:
        """Return whether `code` is currently valid, and use it up."""
        totp = await self._totps.find(account_id)
        step = self._step(totp.sealed, code) if totp else None
        return step is not None and await self._totps.accept(account_id, step, now_ms())

    def _step(self, sealed: bytes, code: str) -> int | None:
        """Return the time step, among the current ones, that the code belongs to."""
        try:
            totp = pyotp.TOTP(self._seal.decrypt(sealed).decode())
        except InvalidToken:  # sealed with a retired secret; recovery codes still work
            log.warning("totp.unreadable")
            return None
        digits = "".join(code.split())
        try:
            return totp.verify_and_get_timecode(
                digits, for_time=now_ms() / 1000, valid_window=WINDOW
            )
        except pyotp.OTPVerificationError:
            return None


def _taken() -> QuizrunError:
    return QuizrunError(
        ErrorCode.FACTOR_CONFLICT, "This account already has an authenticator app. Remove it first."
    )
