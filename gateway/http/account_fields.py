"""Request fields about accounts, and accounts as their owners see them."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from db.accounts import Account
from quiz.limits import MAX_EMAIL_CHARS, MAX_NAME_CHARS, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def one_line(text: str) -> str:
    """Strip `text`. Raises `ValueError` for control characters."""
    if any(unicodedata.category(char)[0] == "C" and char != "\u200d" for char in text):
        raise ValueError("contains a control character")
    return text.strip()


def _email(text: str) -> str:
    text = one_line(text)
    if not _EMAIL.fullmatch(text):
        raise ValueError("is not an email address")
    return text


def _name(text: str) -> str:
    text = one_line(text)
    if not text:
        raise ValueError("is blank")
    return text


AnyEmail = Annotated[str, Field(max_length=MAX_EMAIL_CHARS, examples=["ada@example.com"])]
Email = Annotated[AnyEmail, AfterValidator(_email)]
Password = Annotated[str, Field(max_length=MAX_PASSWORD_CHARS, examples=["correct horse battery"])]
NewPassword = Annotated[Password, Field(min_length=MIN_PASSWORD_CHARS)]
DisplayName = Annotated[
    str, Field(min_length=1, max_length=MAX_NAME_CHARS, examples=["Ada"]), AfterValidator(_name)
]
OneTimeTokenField = Annotated[str, Field(min_length=1, max_length=200)]
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
