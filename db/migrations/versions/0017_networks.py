"""The networks that players join from, and when they left the lobby."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns, which the previous release ignores: its players count for no network."""
    op.add_column("players", sa.Column("network_hash", sa.String(), nullable=True))
    op.add_column("players", sa.Column("left_at", sa.BigInteger(), nullable=True))
    op.add_column("waiting_players", sa.Column("network_hash", sa.String(), nullable=True))
    op.create_index(
        "players_network_idx",
        "players",
        ["run_id", "network_hash"],
        postgresql_where=sa.text("network_hash IS NOT NULL"),
    )
    op.create_index(
        "players_left_idx", "players", ["run_id"], postgresql_where=sa.text("left_at IS NOT NULL")
    )


def downgrade() -> None:
    """Revert the migration."""
    op.drop_index("players_left_idx", table_name="players")
    op.drop_index("players_network_idx", table_name="players")
    op.drop_column("waiting_players", "network_hash")
    op.drop_column("players", "left_at")
    op.drop_column("players", "network_hash")
