"""Extra time: the factor of each player and answer, and the longest of each run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; rows of the previous release have the normal factor."""
    for table, name, column_type, default in (
        ("players", "extra_time", sa.SmallInteger(), "100"),
        ("players", "extra_time_before", sa.SmallInteger(), "100"),
        ("players", "extra_time_from", sa.SmallInteger(), "0"),
        ("runs", "longest_window", sa.SmallInteger(), "100"),
        ("runs", "extra_time_changes", sa.Integer(), "0"),
    ):
        op.add_column(
            table, sa.Column(name, column_type, server_default=sa.text(default), nullable=False)
        )
    op.add_column("answers", sa.Column("extra_time", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("answers", "extra_time")
    for name in ("extra_time_changes", "longest_window"):
        op.drop_column("runs", name)
    for name in ("extra_time_from", "extra_time_before", "extra_time"):
        op.drop_column("players", name)
