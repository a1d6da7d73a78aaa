"""Safety: bans of removed players, waiting players, and moving to another device."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add columns that identify removed players, and tables of waiting and moving players."""
    for column in (
        sa.Column("kicked_version", sa.Integer(), nullable=True),
        sa.Column("skeleton", sa.String(), nullable=True),
        sa.Column("device_hash", sa.String(), nullable=True),
        sa.Column("token_epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
    ):
        op.add_column("players", column)
    op.create_index(
        "players_kicked_idx",
        "players",
        ["run_id"],
        postgresql_where=sa.text("kicked_at IS NOT NULL"),
    )
    _waiting_players()
    op.create_table(
        "move_codes",
        sa.Column("player_id", sa.Uuid(as_uuid=False), nullable=False),
        _run_id(),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("player_id", name=op.f("move_codes_pkey")),
        _run_key("move_codes"),
        sa.UniqueConstraint("code_hash", name=op.f("move_codes_code_hash_key")),
    )
    op.create_index(op.f("move_codes_expires_at_idx"), "move_codes", ["expires_at"])
    op.create_table(
        "answer_looks",
        _run_id(),
        sa.Column("question", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("answer_key", sa.String(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "question", "answer_key", name=op.f("answer_looks_pkey")),
        _run_key("answer_looks"),
    )


def _waiting_players() -> None:
    op.create_table(
        "waiting_players",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        _run_id(),
        sa.Column("nickname", sa.String(), nullable=False),
        sa.Column("nickname_key", sa.String(), nullable=False),
        sa.Column("skeleton", sa.String(), nullable=True),
        sa.Column("join_key", sa.String(), nullable=True),
        sa.Column("device_hash", sa.String(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("admitted_at", sa.BigInteger(), nullable=True),
        sa.Column("declined_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("waiting_players_pkey")),
        _run_key("waiting_players"),
    )
    op.create_index(
        "waiting_players_nickname_idx",
        "waiting_players",
        ["run_id", "nickname_key"],
        unique=True,
        postgresql_where=sa.text("declined_at IS NULL"),
    )
    op.create_index(
        "waiting_players_declined_idx",
        "waiting_players",
        ["run_id"],
        postgresql_where=sa.text("declined_at IS NOT NULL"),
    )


def _run_id() -> sa.Column[str]:
    return sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=False)


def _run_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["run_id"], ["runs.id"], name=op.f(f"{table}_run_id_fkey"), ondelete="CASCADE"
    )


def downgrade() -> None:
    """Revert the migration."""
    for table in ("answer_looks", "move_codes", "waiting_players"):
        op.drop_table(table)
    op.drop_index("players_kicked_idx", table_name="players")
    for column in ("token_epoch", "device_hash", "skeleton", "kicked_version"):
        op.drop_column("players", column)
