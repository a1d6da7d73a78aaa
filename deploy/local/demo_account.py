"""The demo account's credentials.

Its password is in the README. A stack that other machines can reach gets a random one instead, kept
in the data directory; the account keeps it from then on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from db.accounts import Accounts
from db.engine import engine_of
from deploy.local.private_file import known_secret, secret
from telemetry.settings import DatabaseSettings

EMAIL = "demo@quizrun.example"
PUBLISHED_PASSWORD = "quizrun-demo"  # noqa: S105 - of a stack that nobody else reaches
_FILE = "demo-password"
# Typed by hand: no characters that look alike. 20 of 23 letters: 90 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 5, 4


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What the demo host signs in with."""

    email: str = EMAIL
    password: str = PUBLISHED_PASSWORD


def demo_account(data_dir: Path) -> DemoAccount:
    """Return the credentials that are valid for the stack on `data_dir`."""
    return DemoAccount(password=known_secret(data_dir / _FILE) or PUBLISHED_PASSWORD)


def password_file(data_dir: Path) -> Path:
    """Where the random password is kept, readable by its owner only."""
    return data_dir / _FILE


async def protect(data_dir: Path, database_url: str) -> bool:
    """Give the demo account a random password, also where it exists with the published one; its
    sessions end then. Return whether the password was made now.

    To be called before gateways listen.
    """
    from gateway.security import Passwords  # noqa: PLC0415 - slow, and rarely needed

    fresh = known_secret(data_dir / _FILE) is None
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
