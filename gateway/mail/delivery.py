"""Deliver mail by SMTP, or to the inbox of a demo stack."""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from db.outgoing_mail import Inbox, InboxMail
from gateway.mail.texts import Rendered
from telemetry.clock import now_ms

TIMEOUT_S = 20.0


class MailRefusedError(Exception):
    """The mail server permanently rejects a mail, for example for an unknown address."""


class Delivery(Protocol):
    """Delivers a mail. `mail_id` is the same for every attempt."""

    async def __call__(self, mail_id: str, recipient: str, mail: Rendered) -> None:
        """Raise `MailRefusedError` if permanent; any other error is retried."""


def smtp_delivery(url: str, password: Callable[[], str | None], sender: str) -> Delivery:
    """Deliver through ``smtp://user@host:587`` (STARTTLS if offered) or ``smtps://``."""
    parts = urlsplit(url)
    tls = parts.scheme == "smtps"

    async def deliver(mail_id: str, recipient: str, mail: Rendered) -> None:
        secret = password() or (unquote(parts.password) if parts.password else None)
        try:
            await aiosmtplib.send(
                _message(mail_id, sender, recipient, mail),
                hostname=parts.hostname,
                port=parts.port or (465 if tls else 587),
                username=unquote(parts.username) if parts.username else None,
                password=secret,
                use_tls=tls,
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(500 <= refused.code < 600 for refused in error.recipients):
                raise MailRefusedError(str(error)) from error
            raise
        except aiosmtplib.SMTPDataError as error:
            if 500 <= error.code < 600:
                raise MailRefusedError(str(error)) from error
            raise

    return deliver


def inbox_delivery(inbox: Inbox) -> Delivery:
    """Deliver to the inbox page."""

    async def deliver(mail_id: str, recipient: str, mail: Rendered) -> None:
        await inbox.put(InboxMail(mail_id, recipient, mail.subject, mail.text, mail.html, now_ms()))

    return deliver


def _message(mail_id: str, sender: str, recipient: str, mail: Rendered) -> EmailMessage:
    message = EmailMessage()
    name, address = parseaddr(sender)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = recipient
    message["Subject"] = mail.subject
    message["Date"] = formatdate(usegmt=True)
    # The same for every attempt, so that mail servers can drop duplicates.
    message["Message-ID"] = f"<{mail_id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
