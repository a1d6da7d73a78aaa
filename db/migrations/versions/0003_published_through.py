"""The last question whose scores have been read for publishing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add `runs.published_through`, which the previous release ignores."""
    op.add_column(
        "runs",
        sa.Column(
            "published_through", sa.SmallInteger(), server_default=sa.text("-1"), nullable=False
        ),
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("runs", "published_through")
