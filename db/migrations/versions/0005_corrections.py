"""Hosts' corrections of runs, and gateways' counts of acknowledged answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Add `corrections` and `receipts`."""
    op.create_table(
        "corrections",
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("host_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("after", JSONB, nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("totals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("corrections_pkey")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("corrections_run_id_fkey"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "receipts",
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("question", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("gateway_id", sa.String(), nullable=False),
        sa.Column("acknowledged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "question", "gateway_id", name=op.f("receipts_pkey")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("receipts_run_id_fkey"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Revert the migration."""
    op.drop_table("receipts")
    op.drop_table("corrections")
