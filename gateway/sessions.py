"""Browser sessions of hosts: begin, look up, renew, end."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import structlog

from db.account_events import SIGNED_IN, AccountEvents
from db.accounts import Account
from db.acting import by, noting, on
from db.hashes import token_hash
from db.ids import new_id
from db.sessions import FoundSession, Origin, Session, Sessions
from gateway.account_mail import AccountMail
from gateway.addresses import network_of
from gateway.devices import device_name
from gateway.keys import KeyRing
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

_TOKEN = re.compile(r"([0-9a-f]{32})[A-Za-z0-9_-]{43}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """A session lasts `ttl_s` after its last renewal, but never longer than `max_age_s`."""

    ttl_s: int
    max_age_s: int

    def expires_at(self, created_at: int, now: int) -> int:
        """Return when a session renewed at `now` ends unless it is renewed again."""
        return min(now + self.ttl_s * 1000, created_at + self.max_age_s * 1000)


class LiveSession(NamedTuple):
    """An active session and its account."""

    id: str
    account: Account


class StartedSession(NamedTuple):
    """A session and the token for its cookie; None if the browser already has a valid one."""

    session: LiveSession
    token: str | None


class HostSessions:
    """Begins, finds and ends sessions by the tokens that browsers hold.

    A token starts with its session's id. Its successor is derived from it with a key, so tabs
    that renew at the same time, and a renewal whose response was lost, all get the same token: the
    one offered first, even if gateways sign with different keys.
    """

    def __init__(
        self,
        sessions: Sessions,
        events: AccountEvents,
        mail: AccountMail,
        keys: KeyRing,
        limits: SessionLimits,
    ) -> None:
        self._sessions = sessions
        self._events = events
        self._mail = mail
        self._keys = keys.derive(b"session tokens")
        self._limits = limits

    async def begin(self, account: Account, origin: Origin) -> StartedSession:
        """Start a session for the account."""
        id_, now = new_id(), now_ms()
        token = UUID(id_).hex + secrets.token_urlsafe(32)
        session = Session(
            id_,
            now,
            self._limits.expires_at(now, now),
            now,
            origin.method,
            origin.address,
            origin.user_agent,
        )
        by(account.id, id_)
        on("account", account.id)
        noting(method=origin.method)
        await self._sessions.create(session, account.id, token_hash(token))
        await self._note(account, origin)
        return StartedSession(LiveSession(id_, account), token)

    async def find(self, token: str) -> LiveSession | None:
        """Return the session of `token`; None if it has ended or never existed."""
        found = await self._look_up(token)
        return LiveSession(found.session.id, found.account) if found else None

    async def renew(self, token: str) -> StartedSession:
        """Extend the session and rotate its token. Raises `unauthorized`."""
        found = await self._look_up(token)
        if found is None:
            raise QuizrunError(ErrorCode.UNAUTHORIZED, "The session has ended; sign in again.")
        session, now = found.session, now_ms()
        renewed = LiveSession(session.id, found.account)
        if found.generation == "previous":
            return StartedSession(renewed, None)
        following = {token_hash(it): it for it in self._successors(token, session.id)}
        expires_at = self._limits.expires_at(session.created_at, now)
        offered = await self._sessions.offer(
            session.id, token_hash(token), list(following), expires_at, now
        )
        return StartedSession(renewed, following[offered] if offered else None)

    async def end(self, token: str) -> str | None:
        """Sign out. Returns how the session was authenticated; None if it had already ended."""
        found = await self._look_up(token)
        if found is None:
            return None
        by(found.account.id, found.session.id)
        await self._sessions.end(found.account.id, found.session.id)
        return found.session.method

    async def _note(self, account: Account, origin: Origin) -> None:
        """Record the sign-in, and notify the owner if the network or device is new."""
        known = await self._events.sign_ins(account.id)
        await self._events.record(account.id, SIGNED_IN, origin, method=origin.method)
        device = device_name(origin.user_agent)
        network = network_of(origin.address)
        familiar = any(
            network_of(item.address or "") == network
            and device_name(item.user_agent or "") == device
            for item in known
        )
        if known and not familiar:
            await self._mail.new_sign_in(account, origin, device)

    async def _look_up(self, token: str) -> FoundSession | None:
        hashed, now = token_hash(token), now_ms()
        found = await self._sessions.find(hashed, _session_id(token), now)
        if found is None:
            return None
        if found.generation == "used":
            await self._end_copied(found)
            return None
        if found.generation == "next":
            await self._sessions.adopt(found.session.id, hashed, now)
        return found

    async def _end_copied(self, found: FoundSession) -> None:
        # Two browsers hold tokens of one session; end it, since either may be the thief.
        await self._sessions.end(found.account.id, found.session.id)
        log.warning("session.token_reused", host_id=found.account.id)
        await self._events.record(found.account.id, "session_token_reused")
        await self._mail.session_token_reused(found.account)

    def _successors(self, token: str, session_id: str) -> list[str]:
        """Return the next token by each key, the preferred one first."""
        digests = [hmac.digest(key, token.encode(), "sha256") for key in self._keys]
        stem = UUID(session_id).hex
        return [stem + base64.urlsafe_b64encode(each).decode().rstrip("=") for each in digests]


def _session_id(token: str) -> str | None:
    match = _TOKEN.fullmatch(token)
    return str(UUID(match[1])) if match else None
