"""The demo account's credentials: a random password, stored in the data directory."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from db.accounts import Accounts
from db.engine import engine_of
from deploy.local.private_file import secret
from telemetry.settings import DatabaseSettings

EMAIL = "demo@quizrun.example"
PUBLISHED_PASSWORD = "quizrun-demo"  # noqa: S105 - of earlier releases, whose README had it
_FILE = "demo-password"
# Typed by hand: no easily confused characters. 20 of 23 letters: 90 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 5, 4


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """The demo host's credentials."""

    password: str = field(repr=False)
    email: str = EMAIL


def demo_account(data_dir: Path) -> DemoAccount:
    """Return the credentials of the stack in `data_dir`, generating the password if missing."""
    return DemoAccount(secret(password_file(data_dir), make=_random_password))


def password_file(data_dir: Path) -> Path:
    """Return the file with the password, readable by its owner only."""
    return data_dir / _FILE


async def secure_account(data_dir: Path, database_url: str, *, embedded: bool) -> None:
    """Replace the published password of an account that an earlier release created, and in an
    embedded database any other password than that of `data_dir`. This ends the account's sessions.

    Call this before gateways listen.
    """
    from gateway.security import Passwords  # noqa: PLC0415 - slow, and rarely needed

    engine = engine_of(DatabaseSettings(database_url=database_url), name="up")
    passwords = Passwords(threads=1)
    published = SecretStr(PUBLISHED_PASSWORD)
    try:
        accounts = Accounts(engine)
        stored = await accounts.by_email(EMAIL)
        if stored is None:
            return
        mine = SecretStr(demo_account(data_dir).password)
        if await passwords.matches(stored.password_hash, mine):
            return
        # An external database may belong to another stack, with a password of its own.
        if embedded or await passwords.matches(stored.password_hash, published):
            await accounts.set_password(stored.id, await passwords.hash(mine))
    finally:
        passwords.close()
        await engine.dispose()


def _random_password() -> str:
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )
