"""The audit log of operators, and columns for the retention of old runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add `operator_actions`, `runs.anonymised_at`, and an index of runs by their end."""
    op.create_table(
        "operator_actions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("operator_actions_pkey")),
    )
    op.create_index("operator_actions_run_idx", "operator_actions", ["run_id", "at"])
    op.add_column("runs", sa.Column("anonymised_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "runs_finished_idx",
        "runs",
        ["finished_at"],
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    # Runs are deleted as a whole (ADR 24): their pages are reused only after a vacuum, which by
    # default runs only once a fifth of the table is dead.
    op.execute(
        "ALTER TABLE answers SET "
        "(autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"
    )


def downgrade() -> None:
    """Revert the migration."""
    op.execute(
        "ALTER TABLE answers RESET "
        "(autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)"
    )
    op.drop_index("runs_finished_idx", table_name="runs")
    op.drop_column("runs", "anonymised_at")
    op.drop_table("operator_actions")
