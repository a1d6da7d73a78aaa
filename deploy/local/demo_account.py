"""The demo account's credentials.

The default password is in the README. A stack that other machines can reach gets a random one
instead, stored in the data directory and used from then on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from db.accounts import Accounts
from db.engine import engine_of
from deploy.local.private_file import read_secret, secret
from telemetry.settings import DatabaseSettings

EMAIL = "demo@quizrun.example"
PUBLISHED_PASSWORD = "quizrun-demo"  # noqa: S105 - only for a stack that is not reachable from other machines
_FILE = "demo-password"
# Typed by hand: no easily confused characters. 20 of 23 letters: 90 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 5, 4


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """The demo host's credentials."""

    email: str = EMAIL
    password: str = PUBLISHED_PASSWORD


def demo_account(data_dir: Path) -> DemoAccount:
    """Return the credentials of the stack in `data_dir`."""
    return DemoAccount(password=read_secret(data_dir / _FILE) or PUBLISHED_PASSWORD)


def password_file(data_dir: Path) -> Path:
    """Return the file with the random password, readable by its owner only."""
    return data_dir / _FILE


async def randomise_password(data_dir: Path, database_url: str) -> bool:
    """Give the demo account a random password, which ends its sessions if it had the default one.
    Return whether the password was created now.

    Call this before gateways listen.
    """
    from gateway.security import Passwords  # noqa: PLC0415 - slow, and rarely needed

    fresh = read_secret(data_dir / _FILE) is None
    password = secret(password_file(data_dir), make=_random_password)
    engine = engine_of(DatabaseSettings(database_url=database_url), name="up")
    passwords = Passwords(threads=1)
    try:
        accounts = Accounts(engine)
        account = await accounts.by_email(EMAIL)
        if account and not await passwords.matches(account.password_hash, password):
            await accounts.set_password(account.id, await passwords.hash(password))
    finally:
        passwords.close()
        await engine.dispose()
    return fresh


def _random_password() -> str:
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )
