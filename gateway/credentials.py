"""Resolve access tokens to the session or API token behind them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from db.api_tokens import ApiToken, ApiTokens
from db.hashes import token_hash
from db.sessions import Sessions
from db.sharing import Sharing
from gateway.api_tokens import looks_like_api_token
from gateway.live.inbound.session_watch import CO_HOST
from gateway.security import Tokens
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

_API = "api:"


@dataclass(frozen=True, slots=True)
class Access:
    """An account, the session or API token that vouches for it, and its scopes.

    `scopes` is None for unrestricted access.
    """

    account_id: str
    session_id: str | None
    scopes: frozenset[str] | None = None


class Credentials:
    """Reads bearer tokens, and checks which sessions and API tokens are still valid."""

    def __init__(
        self, tokens: Tokens, sessions: Sessions, api_tokens: ApiTokens, sharing: Sharing
    ) -> None:
        self._tokens = tokens
        self._sharing = sharing
        self._sessions = sessions
        self._api_tokens = api_tokens

    async def access(self, token: str) -> Access:
        """Return what a bearer token grants. Raises `unauthorized`."""
        if looks_like_api_token(token):
            return _access(await self._api_tokens.find(token_hash(token), now_ms()))
        found = self._tokens.verify_access_token(token)
        session_id = found.session_id
        if session_id is None:
            return Access(found.account_id, None)
        if session_id.startswith(_API):
            return _access(await self._api_tokens.by_id(session_id.removeprefix(_API), now_ms()))
        if session_id not in await self._sessions.active([session_id], now_ms()):
            raise _ended()
        return Access(found.account_id, session_id)

    async def living(self, vouchers: Collection[str], now: int) -> set[str]:
        """Return those of the sessions, API tokens and co-host grants that are valid at `now`."""
        api = [item for item in vouchers if item.startswith(_API)]
        rights = [item for item in vouchers if item.startswith(CO_HOST)]
        sessions = set(vouchers) - {*api, *rights}
        living = await self._sessions.active(sessions, now) if sessions else set()
        if api:
            ids = [item.removeprefix(_API) for item in api]
            living |= {f"{_API}{item}" for item in await self._api_tokens.active(ids, now)}
        if rights:
            pairs = {_pair(item): item for item in rights}
            living |= {pairs[pair] for pair in await self._sharing.with_access(pairs)}
        return living


def _pair(voucher: str) -> tuple[str, str]:
    account_id, _, run_id = voucher.removeprefix(CO_HOST).partition(":")
    return account_id, run_id


def _access(token: ApiToken | None) -> Access:
    if token is None:
        raise _ended()
    return Access(token.account_id, f"{_API}{token.id}", frozenset(token.scopes))


def _ended() -> QuizrunError:
    return QuizrunError(ErrorCode.UNAUTHORIZED, "The session has ended; sign in again.")
