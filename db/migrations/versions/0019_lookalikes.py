"""Names that look alike."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"


def upgrade() -> None:
    """Add the column, which the previous release ignores: its players look like nobody."""
    op.add_column("players", sa.Column("looks", sa.String(), nullable=True))
    op.create_index(
        "players_looks_idx",
        "players",
        ["run_id", "looks"],
        postgresql_where=sa.text("looks IS NOT NULL"),
    )


def downgrade() -> None:
    """Revert the migration."""
    op.drop_index("players_looks_idx", table_name="players")
    op.drop_column("players", "looks")
