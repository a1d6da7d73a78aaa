"""What an owner is told when the second factors of an account change or somebody tries them."""

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
"""Names an event in the account's log and the template of a mail."""


class FactorNotices:
    """Writes to the account's log and to its owner."""

    def __init__(self, events: AccountEvents, mail: AccountMail) -> None:
        self._events = events
        self._mail = mail

    async def tell(self, account: Account, kind: Kind, origin: Origin, **details: str) -> None:
        """Record an event and send the mail about it; `details` fill in the text of the mail."""
        await self._events.record(account.id, kind, origin, **details)
        await self._mail.factors(account, kind, address=origin.address, **details)
