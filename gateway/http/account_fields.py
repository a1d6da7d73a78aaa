"""Request fields about accounts, and accounts as their owners see them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from db.accounts import Account
from quiz.limits import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS

# Secrets, so that no log line or error report that contains the body shows them.
Password = Annotated[
    SecretStr, Field(max_length=MAX_PASSWORD_CHARS, examples=["correct horse battery"])
]
NewPassword = Annotated[Password, Field(min_length=MIN_PASSWORD_CHARS)]
OneTimeTokenField = Annotated[SecretStr, Field(min_length=1, max_length=200)]
Language = Literal["en", "de", "fr", "es"]


class Body(BaseModel):
    """The base of request bodies: unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid")


class UserView(BaseModel):
    """An account as its owner sees it."""

    id: str
    email: str
    display_name: str
    role: Literal["host", "admin"]


class ProfileView(UserView):
    """Everything about an account that its owner can see and change."""

    email_verified: bool
    language: Language | None
    has_password: bool = Field(description="False for accounts that only sign in with a provider.")
    created_at: int


def user_view(account: Account) -> UserView:
    """Return the short form, as in sign-in responses."""
    return UserView(
        id=account.id,
        email=account.email,
        display_name=account.display_name,
        role=account.role,
    )


def profile_view(account: Account) -> ProfileView:
    """Return the long form."""
    return ProfileView(
        **user_view(account).model_dump(),
        email_verified=account.email_verified_at is not None,
        language=account.language,
        has_password=bool(account.password_hash),
        created_at=account.created_at,
    )
