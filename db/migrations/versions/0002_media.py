"""Pictures, and the runs of a quiz."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of pictures, and an index of runs by quiz."""
    op.create_table(
        "media",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("media_pkey")),
    )
    # Pictures are already compressed.
    op.execute("ALTER TABLE media ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "media_owners",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("media_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("media_owners_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("media_owners_media_id_fkey")
        ),
        sa.PrimaryKeyConstraint("account_id", "media_id", name=op.f("media_owners_pkey")),
    )
    op.create_index(op.f("media_owners_media_id_idx"), "media_owners", ["media_id"], unique=False)
    op.create_index("runs_quiz_idx", "runs", ["quiz_id", "quiz_version"], unique=False)


def downgrade() -> None:
    """Revert the migration."""
    op.drop_index("runs_quiz_idx", table_name="runs")
    op.drop_table("media_owners")
    op.drop_table("media")
