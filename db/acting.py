"""The act that the current request carries out, recorded in the transaction that does it.

A request names its act once (`gateway.http.acts`). The first transaction that writes something on
its behalf (`db.engine`) also writes the line of the audit log, so that neither exists alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.ids import is_id
from quiz.acts import DONE, Act
from telemetry.clock import now_ms

_CURRENT: ContextVar[Acting | None] = ContextVar("acting", default=None)
_PLAIN = re.compile(r"[\w.:-]{1,100}", re.ASCII)

# `owner_id` is whose run, quiz or account it was; the act's own account if that cannot be said.
# Without `:alone`, only a transaction that has written something gets a line.
_RECORD = text("""
    INSERT INTO audit_log (at, action, outcome, account_id, credential, operator, target_kind,
                           target_id, owner_id, address, user_agent, details)
    SELECT :at, :action, :outcome, account_id, :credential, :operator, target_kind, :target_id,
           coalesce(CASE target_kind
               WHEN 'run' THEN (SELECT host_id FROM runs WHERE id = target)
               WHEN 'quiz' THEN (SELECT owner_id FROM quizzes WHERE id = target)
               WHEN 'account' THEN target
           END, account_id), :address, :user_agent, CAST(:details AS jsonb)
    FROM (SELECT CAST(:account_id AS uuid) AS account_id, CAST(:target_kind AS text) AS target_kind,
                 CAST(:target_uuid AS uuid) AS target) AS act
    WHERE :alone OR pg_current_xact_id_if_assigned() IS NOT NULL
""")


@dataclass(slots=True)
class Acting:
    """An act in progress: who, what, to what, from where.

    It is recorded once its actor is known: what was written before, such as the use of a token,
    belongs to authentication.
    """

    action: Act
    address: str | None = None
    user_agent: str | None = None
    account_id: str | None = None
    credential: str | None = None
    operator: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    refused: str | None = None
    """The error code, if the response does not tell that the act was refused."""
    recorded: bool = False

    @property
    def due(self) -> bool:
        """Whether the next transaction that writes must record it."""
        return not self.recorded and (self.account_id is not None or self.operator is not None)

    async def record(
        self, connection: AsyncConnection, outcome: str = DONE, *, alone: bool = False
    ) -> bool:
        """Add the line to the transaction if that has written anything, or `alone`."""
        target_id = self.target_id or ""
        values = {
            "at": now_ms(),
            "action": self.action.value,
            "outcome": outcome,
            "account_id": self.account_id,
            "credential": self.credential,
            "operator": self.operator,
            "target_kind": self.target_kind,
            "target_id": self.target_id,
            "target_uuid": target_id if is_id(target_id) else None,
            "address": self.address,
            "user_agent": self.user_agent,
            "details": orjson.dumps(self.details).decode(),
            "alone": alone,
        }
        return bool((await connection.execute(_RECORD, values)).rowcount)


def acting() -> Acting | None:
    """Return the act of the current request, if it is one that is recorded."""
    return _CURRENT.get()


@contextmanager
def carrying_out(act: Acting) -> Iterator[Acting]:
    """Make `act` the current one. Tasks that outlive the block no longer record it."""
    token = _CURRENT.set(act)
    try:
        yield act
    finally:
        act.recorded = True
        _CURRENT.reset(token)


def by(account_id: str, credential: str | None) -> None:
    """Name the account that acts, and the session or API token that vouches for it."""
    if act := _CURRENT.get():
        act.account_id, act.credential = account_id, credential


def by_operator(name: str) -> None:
    """Name the operator who acts without an account."""
    if act := _CURRENT.get():
        act.operator = name


def on(kind: str, target_id: str) -> None:
    """Name what the act changes or creates."""
    if act := _CURRENT.get():
        if act.target_id and act.target_kind == kind:  # a copy
            act.details.setdefault("from", act.target_id)
        act.target_kind, act.target_id = kind, plain(target_id)


def noting(**details: Any) -> None:
    """Add details: never secrets, and never texts of hosts or players."""
    if act := _CURRENT.get():
        act.details |= details


def refused(code: str) -> None:
    """Say that the act was refused, if the response's status does not tell."""
    if act := _CURRENT.get():
        act.refused = code


def plain(text: str) -> str | None:
    """Return `text` if it can be an id or a name of ours; clients write what they like."""
    return text if _PLAIN.fullmatch(text) else None
