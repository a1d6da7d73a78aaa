"""The second step of a sign-in, between the right password and the session."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from db.accounts import Account, Accounts
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
MAX_TRIES = 5
"""With one right password; `SignInLimits` bounds those with many."""

Method = Literal["passkey", "totp", "recovery_code"]


class Offer(NamedTuple):
    """How a sign-in can go on. `token` stands for the right password."""

    token: str
    methods: list[Method]
    passkey_options: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody gives as the second factor: one of the three."""

    code: str | None = None
    recovery_code: str | None = None
    passkey: Credential | None = None

    @property
    def method(self) -> Method:
        """Which of them it is."""
        if self.passkey is not None:
            return "passkey"
        return "totp" if self.code is not None else "recovery_code"


class SecondStep:
    """Offers the step to accounts that have a second factor, and judges the answers."""

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
        """What is still to be shown after the password; None if that is all."""
        held = await self._codes.factors(account.id)
        if not held.any:
            return None
        # Those of other browsers stay good: nobody who knows the password can end another's step.
        token = await self._tokens.issue(STEP, account.id, STEP_TTL_S, alone=False)
        options = None
        if held.passkey:
            options = await self._passkeys.second_factor_options(account.id, _purpose(token))
        return Offer(token, _methods(held), options)

    async def complete(self, token: str, answer: Answer, origin: Origin) -> Account:
        """The account that may sign in.

        Raises `second_factor_invalid`; `sign_in_again` when the token has expired or its tries are
        used up; and `too_many_requests`.
        """
        account = await self._account_of(token)
        await self._limits.check(account.email, origin.address)
        tried = await self._good(self._tokens.attempt(STEP, token, MAX_TRIES))
        if not await self._right(account, token, answer, origin):
            await self._limits.failed(account.email, origin.address)
            if tried.details["tries"] >= MAX_TRIES:
                await self._notices.tell(account, "second_factor_failed", origin)
            raise QuizrunError(ErrorCode.SECOND_FACTOR_INVALID, _WRONG[answer.method])
        await self._good(self._tokens.use(STEP, token))
        return account

    async def _account_of(self, token: str) -> Account:
        found = await self._good(self._tokens.look_up(STEP, token))
        account = await self._accounts.by_id(found.account_id)
        if account is None or account.disabled_at is not None:
            raise _over()
        return account

    async def _right(self, account: Account, token: str, answer: Answer, origin: Origin) -> bool:
        if answer.passkey is not None:
            return await self._right_passkey(account, token, answer.passkey, origin)
        if answer.code is not None:
            return await self._apps.accepts(account.id, answer.code)
        return await self._right_recovery_code(account, answer.recovery_code or "", origin)

    async def _right_passkey(
        self, account: Account, token: str, credential: Credential, origin: Origin
    ) -> bool:
        proof = await self._passkeys.prove(credential, _purpose(token), account_id=account.id)
        if proof is not None and proof.copied:
            await self._notices.tell(account, "passkey_copied", origin, passkey=proof.passkey.name)
        return proof is not None and not proof.copied

    async def _right_recovery_code(self, account: Account, code: str, origin: Origin) -> bool:
        if not await self._codes.use(account.id, code_hash(account.id, code), now_ms()):
            return False
        held = await self._codes.factors(account.id)
        await self._notices.tell(
            account, "recovery_code_used", origin, left=str(held.recovery_codes)
        )
        return True

    async def _good(self, found: Awaitable[OneTimeToken]) -> OneTimeToken:
        try:
            return await found
        except QuizrunError as error:
            raise (_over() if error.code is ErrorCode.LINK_EXPIRED else error) from None


_WRONG: dict[Method, str] = {
    "totp": "The code is wrong, or has been used already.",
    "recovery_code": "The recovery code is wrong, or has been used already.",
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


def _over() -> QuizrunError:
    return QuizrunError(
        ErrorCode.SIGN_IN_AGAIN,
        "Start again with the password: the second step took too long, or too many tries.",
    )
