"""Require recent authentication before sensitive changes to an account."""

from __future__ import annotations

from fastapi import Request
from pydantic import SecretStr

from db.accounts import Account
from gateway.http.auth import Caller, origin_of
from gateway.http.services import Services
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

FRESH_MS = 15 * 60_000
"""How long after signing in no password is required."""


async def account_of(services: Services, caller: Caller) -> Account:
    """Return the caller's account. Raises `unauthorized` if it no longer exists."""
    account = await services.auth.accounts.by_id(caller.account_id)
    if account is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "This account no longer exists.")
    return account


async def reauthenticate(
    request: Request, services: Services, caller: Caller, password: SecretStr | None
) -> Account:
    """Return the caller's account, given its password or a recent sign-in.

    Raises `credentials_invalid`, `sign_in_again`, or `too_many_requests` for guessing.
    """
    account = await account_of(services, caller)
    if password is None:
        await _check_fresh(services, caller)
        return account
    address = origin_of(request).address
    await services.sign_in.limits.check(account.email, address)
    if not await services.sign_in.passwords.matches(account.password_hash or None, password):
        await services.sign_in.limits.failed(account.email, address)
        raise QuizrunError(ErrorCode.CREDENTIALS_INVALID, "The password is wrong.")
    return account


async def _check_fresh(services: Services, caller: Caller) -> None:
    now = now_ms()
    sessions = await services.auth.sessions.of_account(caller.account_id, now)
    if not any(
        session.id == caller.session_id and now - session.created_at < FRESH_MS
        for session in sessions
    ):
        raise QuizrunError(
            ErrorCode.SIGN_IN_AGAIN, "Enter your password or sign in again to change this."
        )
