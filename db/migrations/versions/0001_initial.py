"""The initial schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pkey")),
        sa.UniqueConstraint("email", name=op.f("accounts_email_key")),
    )
    op.create_table(
        "answers",
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("question", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("player_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("elapsed_ms", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("bonus", sa.Integer(), nullable=True),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("scored_in", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "question", "player_id", name=op.f("answers_pkey")),
    )
    op.create_index(
        "answers_late_idx",
        "answers",
        ["run_id", "scored_in"],
        unique=False,
        postgresql_where=sa.text("scored_in <> question"),
    )
    op.create_index(
        "answers_unscored_idx",
        "answers",
        ["run_id"],
        unique=False,
        postgresql_where=sa.text("points IS NULL"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("idempotency_keys_pkey")),
    )
    op.create_index(
        op.f("idempotency_keys_created_at_idx"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "quizzes",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("question_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("quizzes_owner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("quizzes_pkey")),
    )
    op.create_index(
        "quizzes_owner_idx",
        "quizzes",
        ["owner_id", "updated_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("sessions_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sessions_pkey")),
    )
    op.create_index(op.f("sessions_account_id_idx"), "sessions", ["account_id"], unique=False)
    op.create_index(op.f("sessions_expires_at_idx"), "sessions", ["expires_at"], unique=False)
    op.create_table(
        "quiz_versions",
        sa.Column("quiz_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quizzes.id"], name=op.f("quiz_versions_quiz_id_fkey")
        ),
        sa.PrimaryKeyConstraint("quiz_id", "version", name=op.f("quiz_versions_pkey")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("host_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("quiz_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("quiz_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("pin", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("players", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("joined", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "scored_through", sa.SmallInteger(), server_default=sa.text("-1"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["accounts.id"], name=op.f("runs_host_id_fkey")),
        sa.ForeignKeyConstraint(
            ["quiz_id", "quiz_version"],
            ["quiz_versions.quiz_id", "quiz_versions.version"],
            name=op.f("runs_quiz_id_quiz_version_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("runs_pkey")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("runs_host_idx", "runs", ["host_id", "created_at"], unique=False)
    op.create_index(
        "runs_live_pin_idx",
        "runs",
        ["pin"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "players",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nickname", sa.String(), nullable=False),
        sa.Column("nickname_key", sa.String(), nullable=False),
        sa.Column("join_key", sa.String(), nullable=True),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("streak", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("kicked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("players_run_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("players_pkey")),
        sa.UniqueConstraint("run_id", "number", name=op.f("players_run_id_number_key")),
        postgresql_with={"fillfactor": 60},
    )
    op.create_index(
        "players_nickname_idx",
        "players",
        ["run_id", "nickname_key"],
        unique=True,
        postgresql_where=sa.text("kicked_at IS NULL"),
    )


def downgrade() -> None:
    """Revert the migration."""
    for table in (
        "answers",
        "players",
        "runs",
        "quiz_versions",
        "quizzes",
        "sessions",
        "accounts",
        "idempotency_keys",
    ):
        op.drop_table(table)
