"""The last question whose scored answers have been read to be published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add `runs.published_through`; the previous release does without it."""
    op.add_column(
        "runs",
        sa.Column(
            "published_through", sa.SmallInteger(), server_default=sa.text("-1"), nullable=False
        ),
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("runs", "published_through")
