"""Players' earlier devices, and the outbox of corrected scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns, which the previous release ignores.

    Scores of earlier corrections remain unpublished, because they are unknown.
    """
    none = sa.text("'{}'")
    op.add_column(
        "players",
        sa.Column("left_devices", ARRAY(sa.String()), server_default=none, nullable=False),
    )
    op.add_column("answers", sa.Column("corrected_by", sa.Integer(), nullable=True))
    op.add_column("corrections", sa.Column("published_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE corrections SET published_at = at")
    op.create_index(
        "corrections_unpublished_idx",
        "corrections",
        ["at"],
        postgresql_where=sa.text("published_at IS NULL"),
    )


def downgrade() -> None:
    """Revert the migration."""
    op.drop_index("corrections_unpublished_idx", table_name="corrections")
    op.drop_column("corrections", "published_at")
    op.drop_column("answers", "corrected_by")
    op.drop_column("players", "left_devices")
