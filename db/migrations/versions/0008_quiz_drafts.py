"""Quiz drafts, and the idempotency key of a quiz's last save."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table and the column, which the previous release ignores."""
    op.add_column("quizzes", sa.Column("save_key", sa.String(), nullable=True))
    op.create_table(
        "quiz_drafts",
        sa.Column("quiz_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quiz_id", name="quiz_drafts_pkey"),
        sa.ForeignKeyConstraint(["quiz_id"], ["quizzes.id"], name="quiz_drafts_quiz_id_fkey"),
    )


def downgrade() -> None:
    """Drop them, and delete quizzes that have only a draft."""
    op.drop_table("quiz_drafts")
    op.execute("DELETE FROM quizzes WHERE version = 0")
    op.drop_column("quizzes", "save_key")
