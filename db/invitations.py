"""Invitations: links by which an account becomes a co-host or a team member."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Account
from db.engine import statements, transaction
from db.hashes import token_hash
from db.ids import is_id, new_id
from db.sharing import add_member
from db.tables import AccountRow, InvitationRow
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right

Kind = Literal["quiz", "run", "team"]


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation. `email` is the address that it was sent to, if any. Times are epoch ms."""

    id: str
    kind: Kind
    target_id: str
    right: Right
    inviter_name: str
    email: str | None
    created_at: int
    expires_at: int


_TITLES = {
    "quiz": text("SELECT title FROM quizzes WHERE id = :id AND deleted_at IS NULL"),
    "run": text("SELECT title FROM runs WHERE id = :id"),
    "team": text("SELECT name FROM teams WHERE id = :id"),
}


class Invitations:
    """The repository of invitations. Their tokens are stored as hashes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self,
        kind: Kind,
        target_id: str,
        right: Right,
        inviter_id: str,
        email: str | None,
        now: int,
        expires_at: int,
    ) -> tuple[str, str]:
        """Create an invitation; return its id and the token for its link."""
        id_, token = new_id(), secrets.token_urlsafe(32)
        async with statements(self._engine) as connection:
            await connection.execute(
                delete(InvitationRow).where(
                    InvitationRow.inviter_id == inviter_id, InvitationRow.expires_at <= now
                )
            )
            await connection.execute(
                insert(InvitationRow).values(
                    id=id_,
                    token_hash=token_hash(token),
                    kind=kind,
                    target_id=target_id,
                    right=right.value,
                    inviter_id=inviter_id,
                    email=email,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        return id_, token

    async def pending(self, kind: Kind, target_id: str, now: int) -> list[Invitation]:
        """Return invitations that have not been accepted, latest first."""
        statement = (
            _SELECT.where(
                InvitationRow.kind == kind,
                InvitationRow.target_id == target_id,
                InvitationRow.accepted_by.is_(None),
                InvitationRow.expires_at > now,
            )
            .order_by(InvitationRow.created_at.desc())
            .limit(100)
        )
        async with statements(self._engine) as connection:
            return [_invitation(row) for row in await connection.execute(statement)]

    async def revoke(self, kind: Kind, target_id: str, invitation_id: str) -> bool:
        """Revoke an invitation; return whether it existed."""
        if not is_id(invitation_id):
            return False
        statement = delete(InvitationRow).where(
            InvitationRow.kind == kind,
            InvitationRow.target_id == target_id,
            InvitationRow.id == invitation_id,
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def look_up(self, token: str, account_id: str, now: int) -> tuple[Invitation, str]:
        """Return the invitation and the title of its target. Raises `link_expired`.

        The link remains valid for the account that has accepted it.
        """
        statement = _SELECT.where(
            InvitationRow.token_hash == token_hash(token),
            InvitationRow.expires_at > now,
            InvitationRow.accepted_by.is_(None) | (InvitationRow.accepted_by == account_id),
        )
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
            title = None
            if row is not None:
                title = await connection.scalar(_TITLES[row.kind], {"id": row.target_id})
        if row is None or title is None:
            raise _expired()
        return _invitation(row), str(title)

    async def accept(self, token: str, account: Account, now: int) -> Invitation:
        """Grant the right to the account; idempotent.

        Raises `link_expired`, and `forbidden` if a quiz is being transferred to another address.
        """
        invitation, _ = await self.look_up(token, account.id, now)
        if invitation.right is Right.OWNER and invitation.email != account.email:
            raise QuizrunError(
                ErrorCode.FORBIDDEN, "This quiz is being transferred to a different email address."
            )
        accepted = (
            update(InvitationRow)
            .where(InvitationRow.id == invitation.id, InvitationRow.accepted_by.is_(None))
            .values(accepted_by=account.id)
        )
        async with transaction(self._engine) as connection:
            if (await connection.execute(accepted)).rowcount:
                await add_member(
                    connection,
                    invitation.kind,
                    invitation.target_id,
                    account.id,
                    invitation.right,
                    now,
                )
                return invitation
        await self.look_up(token, account.id, now)  # raises if another account was faster
        return invitation


_SELECT = select(
    InvitationRow.id,
    InvitationRow.kind,
    InvitationRow.target_id,
    InvitationRow.right,
    AccountRow.display_name,
    InvitationRow.email,
    InvitationRow.created_at,
    InvitationRow.expires_at,
).join(AccountRow, AccountRow.id == InvitationRow.inviter_id)


def _invitation(row: Any) -> Invitation:
    id_, kind, target_id, right, *others = row
    return Invitation(id_, kind, target_id, Right(right), *others)


def _expired() -> QuizrunError:
    return QuizrunError(ErrorCode.LINK_EXPIRED, "This link has expired or has already been used.")
