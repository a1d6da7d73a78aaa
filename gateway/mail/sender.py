"""Queue mail in PostgreSQL and send it from any gateway."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import orjson
import structlog
from cryptography.fernet import InvalidToken

from db.outgoing_mail import OutgoingMail, WaitingMail
from gateway.keys import KeyRing
from gateway.mail.delivery import Delivery, MailRefusedError
from gateway.mail.texts import known_language, render
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

INTERVAL_S = 5.0
BATCH_SIZE = 20
FIRST_RETRY_MS = 15_000
LONGEST_RETRY_MS = 3_600_000
GIVE_UP_MS = 24 * 3_600_000

log = structlog.get_logger(__name__)


class Mailer:
    """Sends queued mail. The queue survives crashes and is shared by all gateways.

    If a gateway crashes between the mail server's reply and the update of the queue, the mail is
    sent twice with the same Message-ID.
    """

    def __init__(self, queue: OutgoingMail, delivery: Delivery | None, keys: KeyRing) -> None:
        """Without a `delivery`, mail is unavailable and `send` drops it."""
        self._queue = queue
        self._delivery = delivery
        self._seal = keys.seal(b"outgoing mail")
        self._news = asyncio.Event()

    @property
    def available(self) -> bool:
        """Whether mail is configured."""
        return self._delivery is not None

    async def send(
        self, recipient: str, template: str, language: str | None, **details: Any
    ) -> None:
        """Queue a mail. It is sent within a second, or when the mail server is back."""
        if self._delivery is None:
            return
        sealed = self._seal.encrypt(orjson.dumps(details))
        await self._queue.add(recipient, template, known_language(language), sealed)
        self._news.set()

    async def run(self) -> None:
        """Send due mail until cancelled."""
        while self._delivery is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL_S):
                    await self._news.wait()
            self._news.clear()
            try:
                while await self._send_some(self._delivery) == BATCH_SIZE:
                    pass
            except QuizrunError as error:
                log.info("mail.postponed", error=error)
            except Exception:
                log.exception("mail.failed")

    async def _send_some(self, delivery: Delivery) -> int:
        taken = await self._queue.claim(now_ms(), BATCH_SIZE)
        await asyncio.gather(*(self._attempt(delivery, mail) for mail in taken))
        return len(taken)

    async def _attempt(self, delivery: Delivery, mail: WaitingMail) -> None:
        try:
            details = orjson.loads(self._seal.decrypt(mail.sealed))
            await delivery(mail.id, mail.recipient, render(mail.template, mail.language, details))
        except (MailRefusedError, InvalidToken, LookupError) as error:
            # InvalidToken: its secret was retired, which also invalidates the link in the mail.
            log.warning("mail.refused", error_type=type(error).__name__)
        except Exception as error:  # noqa: BLE001  (whatever a mail server may do)
            if now_ms() - mail.created_at < GIVE_UP_MS:
                wait_ms = min(FIRST_RETRY_MS * 2 ** (mail.attempts - 1), LONGEST_RETRY_MS)
                log.warning("mail.not_sent", error_type=type(error).__name__, attempt=mail.attempts)
                await self._queue.postpone(mail.id, now_ms() + wait_ms)
                return
            log.error("mail.given_up", error_type=type(error).__name__)  # noqa: TRY400
        await self._queue.drop(mail.id)
