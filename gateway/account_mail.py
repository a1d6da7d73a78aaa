"""The mails about an account, with their links."""

from __future__ import annotations

from datetime import UTC, datetime

from db.accounts import Account
from db.one_time_tokens import OneTimeTokens
from db.sessions import Origin
from gateway.mail.sender import Mailer

VERIFY = "verify_email"
RESET = "reset_password"
VERIFY_TTL_S = 24 * 3_600
RESET_TTL_S = 30 * 60


class AccountMail:
    """Writes to the owners of accounts. Links carry their token behind ``#``: it stays out of the
    logs of servers and proxies, and of `Referer`.
    """

    def __init__(self, mailer: Mailer, tokens: OneTimeTokens, public_url: str) -> None:
        self._mailer = mailer
        self._tokens = tokens
        self._base = public_url.rstrip("/")

    @property
    def available(self) -> bool:
        """Whether mail is configured."""
        return self._mailer.available

    async def verify(self, account: Account) -> None:
        """Ask the owner to confirm the address that the account has."""
        await self._confirm(account, account.email, "verify_email")

    async def change(self, account: Account, email: str) -> None:
        """Ask the owner to confirm `email`, which then becomes the account's address."""
        await self._confirm(account, email, "change_email")

    async def reset(self, account: Account) -> None:
        """Send a link by which a new password can be chosen."""
        token = await self._tokens.issue(RESET, account.id, RESET_TTL_S)
        await self._send(account, "reset_password", f"/host/reset-password#{token}")

    async def password_changed(self, account: Account) -> None:
        """Tell the owner that the password was changed."""
        await self._send(account, "password_changed", "/host/forgot-password")

    async def email_changed(self, before: Account, email: str) -> None:
        """Tell the address that the account had until now."""
        await self._mailer.send(
            before.email, "email_changed", before.language, name=before.display_name, email=email
        )

    async def new_sign_in(self, account: Account, origin: Origin, device: str) -> None:
        """Tell the owner of a sign-in from a device that is new."""
        where = {"device": device, "address": origin.address}
        await self._send(account, "new_sign_in", "/host/account/sessions", **where)

    async def session_token_reused(self, account: Account) -> None:
        """Tell the owner that a session was ended because its token had been copied."""
        await self._send(account, "session_token_reused", "/host/account/sessions")

    async def identity(self, account: Account, template: str, provider: str) -> None:
        """Tell the owner that an identity at a provider was linked or unlinked."""
        await self._send(account, template, "/host/account/sign-in", provider=provider)

    async def api_token_created(self, account: Account, token: str, origin: Origin) -> None:
        """Tell the owner of a new API token, by the name that it was given."""
        where = {"token": token, "address": origin.address}
        await self._send(account, "api_token_created", "/host/account/tokens", **where)

    async def factors(self, account: Account, template: str, **details: str) -> None:
        """Tell the owner what happened to the second factors of the account."""
        await self._send(account, template, "/host/account/sign-in", **details)

    async def invite(self, inviter: Account, email: str, title: str, url: str) -> None:
        """Send an invitation, in the language of whoever invites."""
        await self._mailer.send(
            email,
            "invitation",
            inviter.language,
            inviter=inviter.display_name,
            inviter_email=inviter.email,
            title=title,
            url=url,
        )

    async def deletion_planned(self, account: Account, delete_at: int) -> None:
        """Tell the owner when the account will be deleted, and how to keep it."""
        day = datetime.fromtimestamp(delete_at / 1000, UTC).date().isoformat()
        await self._send(account, "deletion_planned", "/host/account", date=day)

    async def _confirm(self, account: Account, email: str, template: str) -> None:
        token = await self._tokens.issue(VERIFY, account.id, VERIFY_TTL_S, email=email)
        await self._mailer.send(
            email,
            template,
            account.language,
            name=account.display_name,
            email=email,
            url=f"{self._base}/host/verify-email#{token}",
        )

    async def _send(self, account: Account, template: str, path: str, **details: str) -> None:
        await self._mailer.send(
            account.email,
            template,
            account.language,
            name=account.display_name,
            url=f"{self._base}{path}",
            **details,
        )
