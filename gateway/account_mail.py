"""Mail to account owners, with links that carry one-time tokens."""

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
    """Sends mail about accounts.

    Links carry their token in the URL fragment, which keeps it out of server and proxy logs and the
    `Referer` header.
    """

    def __init__(self, mailer: Mailer, tokens: OneTimeTokens, public_url: str) -> None:
        self._mailer = mailer
        self._tokens = tokens
        self._base = public_url.rstrip("/")

    @property
    def available(self) -> bool:
        """Whether mail is configured."""
        return self._mailer.available

    async def verification(self, account: Account) -> None:
        """Ask the owner to confirm the account's email address."""
        await self._confirm(account, account.email, "verify_email")

    async def address_change(self, account: Account, email: str) -> None:
        """Ask the owner to confirm `email` as the account's new address."""
        await self._confirm(account, email, "change_email")

    async def password_reset(self, account: Account) -> None:
        """Send a password reset link."""
        token = await self._tokens.issue(RESET, account.id, RESET_TTL_S)
        await self._send(account, "reset_password", f"/host/reset-password#{token}")

    async def password_changed(self, account: Account) -> None:
        """Notify the owner that the password was changed."""
        await self._send(account, "password_changed", "/host/forgot-password")

    async def email_changed(self, before: Account, email: str) -> None:
        """Notify the previous address that the account's address was changed."""
        await self._mailer.send(
            before.email, "email_changed", before.language, name=before.display_name, email=email
        )

    async def new_sign_in(self, account: Account, origin: Origin, device: str) -> None:
        """Notify the owner of a sign-in from a new device."""
        where = {"device": device, "address": origin.address}
        await self._send(account, "new_sign_in", "/host/account/sessions", **where)

    async def session_token_reused(self, account: Account) -> None:
        """Notify the owner that a session was ended because its token was used twice."""
        await self._send(account, "session_token_reused", "/host/account/sessions")

    async def identity_changed(self, account: Account, template: str, provider: str) -> None:
        """Notify the owner that a provider's identity was linked or unlinked."""
        await self._send(account, template, "/host/account/sign-in", provider=provider)

    async def api_token_created(self, account: Account, token: str, origin: Origin) -> None:
        """Notify the owner of a new API token, by its name."""
        where = {"token": token, "address": origin.address}
        await self._send(account, "api_token_created", "/host/account/tokens", **where)

    async def factors_changed(self, account: Account, template: str, **details: str) -> None:
        """Notify the owner of a change to the account's second factors."""
        await self._send(account, template, "/host/account/sign-in", **details)

    async def invite(self, inviter: Account, email: str, title: str, url: str) -> None:
        """Send an invitation in the inviter's language."""
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
        """Notify the owner of the planned deletion, and of how to cancel it."""
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
