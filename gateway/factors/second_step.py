"""The second step of a sign-in, after the password."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from db.accounts import Account, Accounts
from db.acting import on
from db.one_time_tokens import OneTimeToken, OneTimeTokens
from db.recovery_codes import FactorsHeld, RecoveryCodes
from db.sessions import Origin
from gateway.factors.authenticator_app import AuthenticatorApps
from gateway.factors.notices import FactorNotices
from gateway.factors.passkeys import Credential, PasskeyCeremonies
from gateway.factors.recovery_codes import code_hash
from gateway.sign_in_limits import SignInLimits
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

STEP = "second_factor"
STEP_TTL_S = 300
MAX_ATTEMPTS = 5
"""Attempts per token; `SignInLimits` applies across tokens."""

Method = Literal["passkey", "totp", "recovery_code"]


class Offer(NamedTuple):
    """The available methods. `token` represents the verified password."""

    token: str
    methods: list[Method]
    passkey_options: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class FactorInput:
    """A submitted second factor: one of the three."""

    code: str | None = field(default=None, repr=False)
    recovery_code: str | None = field(default=None, repr=False)
    passkey: Credential | None = field(default=None, repr=False)

    @property
    def method(self) -> Method:
        """The method of the submitted factor."""
        if self.passkey is not None:
            return "passkey"
        return "totp" if self.code is not None else "recovery_code"


class SecondStep:
    """Offers a second step to accounts that have one, and verifies it."""

    def __init__(
        self,
        accounts: Accounts,
        tokens: OneTimeTokens,
        codes: RecoveryCodes,
        passkeys: PasskeyCeremonies,
        apps: AuthenticatorApps,
        notices: FactorNotices,
        limits: SignInLimits,
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._codes = codes
        self._passkeys = passkeys
        self._apps = apps
        self._notices = notices
        self._limits = limits

    async def offer(self, account: Account) -> Offer | None:
        """Return the required second step; None if the password suffices."""
        held = await self._codes.factors(account.id)
        if not held.any:
            return None
        # Other browsers' tokens stay valid, so that someone who knows the password cannot cancel
        # the owner's sign-in.
        token = await self._tokens.issue(STEP, account.id, STEP_TTL_S, alone=False)
        options = None
        if held.passkey:
            options = await self._passkeys.second_factor_options(account.id, _purpose(token))
        return Offer(token, _methods(held), options)

    async def complete(self, token: str, given: FactorInput, origin: Origin) -> Account:
        """Return the account that may sign in.

        Raises `second_factor_invalid`, `too_many_requests`, or `sign_in_again` if the token has
        expired or its attempts are used up.
        """
        account = await self._account_of(token)
        on("account", account.id)
        await self._limits.check(account.email, origin.address)
        attempt = await self._or_expired(self._tokens.attempt(STEP, token, MAX_ATTEMPTS))
        if not await self._verify(account, token, given, origin):
            await self._limits.failed(account.email, origin.address)
            if attempt.details["tries"] >= MAX_ATTEMPTS:
                await self._notices.notify(account, "second_factor_failed", origin)
            raise QuizrunError(ErrorCode.SECOND_FACTOR_INVALID, _WRONG[given.method])
        await self._or_expired(self._tokens.use(STEP, token))
        return account

    async def _account_of(self, token: str) -> Account:
        found = await self._or_expired(self._tokens.look_up(STEP, token))
        account = await self._accounts.by_id(found.account_id)
        if account is None or account.disabled_at is not None:
            raise _expired()
        return account

    async def _verify(
        self, account: Account, token: str, given: FactorInput, origin: Origin
    ) -> bool:
        if given.passkey is not None:
            return await self._verify_passkey(account, token, given.passkey, origin)
        if given.code is not None:
            return await self._apps.accepts(account.id, given.code)
        return await self._redeem_recovery_code(account, given.recovery_code or "", origin)

    async def _verify_passkey(
        self, account: Account, token: str, credential: Credential, origin: Origin
    ) -> bool:
        proof = await self._passkeys.prove(credential, _purpose(token), account_id=account.id)
        if proof is not None and proof.copied:
            await self._notices.notify(
                account, "passkey_copied", origin, passkey=proof.passkey.name
            )
        return proof is not None and not proof.copied

    async def _redeem_recovery_code(self, account: Account, code: str, origin: Origin) -> bool:
        if not await self._codes.use(account.id, code_hash(account.id, code), now_ms()):
            return False
        held = await self._codes.factors(account.id)
        await self._notices.notify(
            account, "recovery_code_used", origin, left=str(held.recovery_codes)
        )
        return True

    async def _or_expired(self, found: Awaitable[OneTimeToken]) -> OneTimeToken:
        try:
            return await found
        except QuizrunError as error:
            raise (_expired() if error.code is ErrorCode.LINK_EXPIRED else error) from None


_WRONG: dict[Method, str] = {
    "totp": "The code is wrong or was already used.",
    "recovery_code": "The recovery code is wrong or was already used.",
    "passkey": "The passkey was not accepted.",
}


def _purpose(token: str) -> str:
    return f"{STEP} {token}"


def _methods(held: FactorsHeld) -> list[Method]:
    offered: list[tuple[Method, bool]] = [
        ("passkey", held.passkey),
        ("totp", held.totp),
        ("recovery_code", held.recovery_codes > 0),
    ]
    return [method for method, possible in offered if possible]


def _expired() -> QuizrunError:
    return QuizrunError(
        ErrorCode.SIGN_IN_AGAIN,
        "The second step took too long or had too many attempts. Start again with the password.",
    )
