"""Rate-limit password guessing without locking out the account's owner."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from db.account_events import AccountEvents
from db.accounts import canonical
from db.failures import Failures
from gateway.addresses import network_of
from quiz.errors import ErrorCode, QuizrunError


@dataclass(frozen=True, slots=True)
class FailureLimits:
    """Limits on failed sign-ins to an account within `window_s` seconds: from one network, and from
    all networks that it has never signed in from. `kind` separates the steps of the sign-in;
    `remedy` ends the error sentence.
    """

    from_network: int
    from_anywhere: int
    window_s: int
    kind: str = "sign-in"
    remedy: str = ", or reset the password"


class SignInLimits:
    """Counts failed sign-ins. Guessing from many addresses blocks other unknown networks too, but
    never one from which the account has signed in.
    """

    def __init__(self, failures: Failures, events: AccountEvents, limits: FailureLimits) -> None:
        self._failures = failures
        self._events = events
        self._limits = limits

    async def check(self, email: str, address: str) -> None:
        """Raise `too_many_requests`, whether or not the account exists."""
        email, network = canonical(email), network_of(address)
        if await self._failures.count(self._here(email, network)) >= self._limits.from_network:
            raise self._refusal()
        if await self._failures.count(self._anywhere(email)) < self._limits.from_anywhere:
            return
        known = await self._events.sign_in_addresses(email)
        if network not in {network_of(item) for item in known}:
            raise self._refusal()

    async def failed(self, email: str, address: str) -> None:
        """Count a failed sign-in."""
        email = canonical(email)
        await self._failures.add(self._here(email, network_of(address)))
        await self._failures.add(self._anywhere(email))

    def _here(self, email: str, network: str) -> str:
        return f"{self._anywhere(email)}:{network}"

    def _anywhere(self, email: str) -> str:
        return f"{self._limits.kind}:{_digest(email)}"

    def _refusal(self) -> QuizrunError:
        wait_s = self._limits.window_s
        return QuizrunError(
            ErrorCode.TOO_MANY_REQUESTS,
            f"Too many failed sign-ins. Try again in {wait_s} s{self._limits.remedy}.",
            retry_in_ms=wait_s * 1000,
        )


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode("utf-8", "surrogateescape")).hexdigest()[:32]
