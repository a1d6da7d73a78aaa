"""Second factors of accounts: passkeys, authenticator apps, recovery codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the tables."""
    _passkeys()
    op.create_table(
        "totp",
        _account_id(),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("totp_pkey")),
        _account_key("totp"),
    )
    op.create_table(
        "recovery_codes",
        _account_id(),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("recovery_codes_pkey")),
        _account_key("recovery_codes"),
    )
    op.create_table(
        "used_challenges",
        sa.Column("challenge_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("used_challenges_pkey")),
    )
    op.create_index(op.f("used_challenges_expires_at_idx"), "used_challenges", ["expires_at"])


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        _account_id(),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("aaguid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("passkeys_pkey")),
        sa.UniqueConstraint("credential_id", name=op.f("passkeys_credential_id_key")),
        _account_key("passkeys"),
    )
    op.create_index(op.f("passkeys_account_id_idx"), "passkeys", ["account_id"])


def _account_id() -> sa.Column[str]:
    return sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False)


def _account_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["accounts.id"],
        name=op.f(f"{table}_account_id_fkey"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    """Drop the tables; passwords alone suffice again."""
    for table in ("used_challenges", "recovery_codes", "totp", "passkeys"):
        op.drop_table(table)
