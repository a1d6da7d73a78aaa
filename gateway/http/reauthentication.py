"""Asks who is at the keyboard before an account is changed."""

from __future__ import annotations

from fastapi import Request

from db.accounts import Account
from gateway.http.auth import Caller, origin_of
from gateway.http.services import Services
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

FRESH_MS = 15 * 60_000
"""How long after signing in a session needs no further proof."""


async def account_of(services: Services, caller: Caller) -> Account:
    """The account that asks. Raises `unauthorized` when it is gone."""
    account = await services.accounts.by_id(caller.account_id)
    if account is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "This account does not exist any more.")
    return account


async def proven_owner(
    request: Request, services: Services, caller: Caller, password: str | None
) -> Account:
    """The account that asks, by somebody who knows its password or has signed in a moment ago.

    Raises `credentials_invalid`, `sign_in_again`, and `too_many_requests` for guessing.
    """
    account = await account_of(services, caller)
    if password is None:
        await _check_fresh(services, caller)
        return account
    address = origin_of(request).address
    await services.sign_in_limits.check(account.email, address)
    if not await services.passwords.matches(account.password_hash or None, password):
        await services.sign_in_limits.failed(account.email, address)
        raise QuizrunError(ErrorCode.CREDENTIALS_INVALID, "The password is wrong.")
    return account


async def _check_fresh(services: Services, caller: Caller) -> None:
    now = now_ms()
    sessions = await services.sessions.of_account(caller.account_id, now)
    if not any(
        session.id == caller.session_id and now - session.created_at < FRESH_MS
        for session in sessions
    ):
        raise QuizrunError(
            ErrorCode.SIGN_IN_AGAIN, "Give the password, or sign in again, to change this."
        )
