"""Notify owners of changes to second factors and of attempts to use them."""

from __future__ import annotations

from typing import Literal

from db.account_events import AccountEvents
from db.accounts import Account
from db.sessions import Origin
from gateway.account_mail import AccountMail

Kind = Literal[
    "passkey_added",
    "passkey_removed",
    "passkey_copied",
    "totp_added",
    "totp_removed",
    "recovery_codes_renewed",
    "recovery_code_used",
    "second_factor_failed",
]
"""The name of the event in the activity log and of the mail template."""


class FactorNotices:
    """Records events in the activity log and mails them to the owner."""

    def __init__(self, events: AccountEvents, mail: AccountMail) -> None:
        self._events = events
        self._mail = mail

    async def notify(self, account: Account, kind: Kind, origin: Origin, **details: str) -> None:
        """Record an event and mail it to the owner; `details` fill in the template."""
        await self._events.record(account.id, kind, origin, **details)
        await self._mail.factors_changed(account, kind, address=origin.address, **details)
