"""Co-hosts of quizzes and runs, teams, invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the tables, which the previous release ignores."""
    for kind, target in (("quiz", "quizzes"), ("run", "runs")):
        table = f"{kind}_members"
        op.create_table(
            table,
            _id(f"{kind}_id"),
            _id("account_id"),
            sa.Column("right", sa.String(), nullable=False),
            sa.Column("added_at", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint(f"{kind}_id", "account_id", name=op.f(f"{table}_pkey")),
            _key(table, f"{kind}_id", target),
            _key(table, "account_id", "accounts"),
        )
        op.create_index(op.f(f"{table}_account_id_idx"), table, ["account_id"])
    _teams()
    op.create_table(
        "invitations",
        _id("id"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        _id("target_id"),
        sa.Column("right", sa.String(), nullable=False),
        _id("inviter_id"),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("invitations_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("invitations_token_hash_key")),
        _key("invitations", "inviter_id", "accounts"),
    )
    op.create_index(op.f("invitations_target_id_idx"), "invitations", ["target_id"])
    op.create_index(op.f("invitations_inviter_id_idx"), "invitations", ["inviter_id"])


def _teams() -> None:
    op.create_table(
        "teams",
        _id("id"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("teams_pkey")),
    )
    op.create_table(
        "team_members",
        _id("team_id"),
        _id("account_id"),
        sa.Column("right", sa.String(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "account_id", name=op.f("team_members_pkey")),
        _key("team_members", "team_id", "teams"),
        _key("team_members", "account_id", "accounts"),
    )
    op.create_index(op.f("team_members_account_id_idx"), "team_members", ["account_id"])
    op.create_table(
        "team_quizzes",
        _id("quiz_id"),
        _id("team_id"),
        sa.Column("right", sa.String(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quiz_id", name=op.f("team_quizzes_pkey")),
        _key("team_quizzes", "quiz_id", "quizzes"),
        _key("team_quizzes", "team_id", "teams"),
    )
    op.create_index(op.f("team_quizzes_team_id_idx"), "team_quizzes", ["team_id"])


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Uuid(as_uuid=False), nullable=False)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"{table}_{column}_fkey"), ondelete="CASCADE"
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "invitations",
        "team_quizzes",
        "team_members",
        "teams",
        "run_members",
        "quiz_members",
    ):
        op.drop_table(table)
