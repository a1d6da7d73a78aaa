"""Accounts: verified addresses, rotating sessions, mail, and an event log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add tables and columns; inserts of the previous release use the defaults."""
    for column in (
        sa.Column("email_verified_at", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(), server_default=sa.text("'host'"), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("delete_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("accounts", column)
    _sessions()
    _one_time_tokens()
    _account_events()
    _mail()


def _sessions() -> None:
    for column in (
        sa.Column(
            "id",
            sa.Uuid(as_uuid=False),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
        ),
        sa.Column("next_hash", sa.LargeBinary(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("rotated_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.String(), server_default=sa.text("'password'"), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("user_agent", sa.String(), nullable=True),
    ):
        op.add_column("sessions", column)
    op.create_unique_constraint(op.f("sessions_id_key"), "sessions", ["id"])


def _one_time_tokens() -> None:
    op.create_table(
        "one_time_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        _account_id(),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("one_time_tokens_pkey")),
        _account_key("one_time_tokens"),
    )
    op.create_index(
        op.f("one_time_tokens_account_id_idx"), "one_time_tokens", ["account_id", "purpose"]
    )
    op.create_index(op.f("one_time_tokens_expires_at_idx"), "one_time_tokens", ["expires_at"])


def _account_events() -> None:
    op.create_table(
        "account_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _account_id(),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("user_agent", sa.String(), nullable=True),
        sa.Column("details", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("account_events_pkey")),
        _account_key("account_events"),
    )
    op.create_index(op.f("account_events_account_id_idx"), "account_events", ["account_id", "id"])


def _mail() -> None:
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_mail_pkey")),
    )
    op.create_index(op.f("outgoing_mail_due_at_idx"), "outgoing_mail", ["due_at"])
    op.create_table(
        "inbox_mail",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("inbox_mail_pkey")),
    )
    op.create_index(op.f("inbox_mail_at_idx"), "inbox_mail", ["at"])


def _account_id() -> sa.Column[str]:
    return sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False)


def _account_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["accounts.id"],
        name=op.f(f"{table}_account_id_fkey"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    """Drop them; renewed sessions end."""
    for table in ("inbox_mail", "outgoing_mail", "account_events", "one_time_tokens"):
        op.drop_table(table)
    op.drop_constraint(op.f("sessions_id_key"), "sessions")
    for column in (
        "user_agent",
        "address",
        "method",
        "last_used_at",
        "rotated_at",
        "previous_hash",
        "next_hash",
        "id",
    ):
        op.drop_column("sessions", column)
    for column in ("delete_at", "disabled_at", "language", "role", "email_verified_at"):
        op.drop_column("accounts", column)
