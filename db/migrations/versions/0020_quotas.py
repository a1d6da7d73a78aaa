"""What accounts have used of their quotas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the counters."""
    op.create_table(
        "quota_usage",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("quota", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "quota", name=op.f("quota_usage_pkey")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("quota_usage_account_id_fkey"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "runs_live_host_idx", "runs", ["host_id"], postgresql_where=sa.text("finished_at IS NULL")
    )


def downgrade() -> None:
    """Revert the migration."""
    op.drop_index("runs_live_host_idx", table_name="runs")
    op.drop_table("quota_usage")
