"""Identities of hosts at OpenID providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table, which the previous release ignores."""
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("identities_pkey")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("identities_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("issuer", "subject", name=op.f("identities_issuer_subject_key")),
    )
    op.create_index(op.f("identities_account_id_idx"), "identities", ["account_id"])


def downgrade() -> None:
    """Drop the table; hosts without a password must reset it."""
    op.drop_table("identities")
