"""Mail through a real SMTP server, which may be down, slow or reject it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import make_engine
from db.outgoing_mail import Inbox, OutgoingMail
from gateway.keys import KeyRing
from gateway.mail.delivery import inbox_delivery, smtp_delivery
from gateway.mail.sender import Mailer
from telemetry.clock import now_ms

SECRET = "0123456789abcdef0123456789abcdef"
SENDER = "Quizrun <noreply@quiz.example>"
VERIFY = {"name": "Ada", "email": "ada@school.example", "url": "https://quiz.example/verify#token"}


@dataclass
class MailServer:
    """An aiosmtpd handler that records accepted mail and rejects on demand."""

    port: int
    received: list[EmailMessage] = field(default_factory=list)
    reply: str | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.reply:
            return self.reply
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append(message)
        return "250 OK"


@asynccontextmanager
async def mail_server(port: int = 0) -> AsyncIterator[MailServer]:
    handler = MailServer(port)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler), "127.0.0.1", port)
    handler.port = server.sockets[0].getsockname()[1]
    async with server:
        yield handler


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url, name="mail")
    async with engine.begin() as connection:
        await connection.execute(text("TRUNCATE outgoing_mail"))
    yield engine
    await engine.dispose()


@asynccontextmanager
async def sending(engine: AsyncEngine, port: int) -> AsyncIterator[Mailer]:
    delivery = smtp_delivery(f"smtp://127.0.0.1:{port}", lambda: None, SENDER)
    mailer = Mailer(OutgoingMail(engine), delivery, KeyRing(SECRET))
    task = asyncio.create_task(mailer.run())
    yield mailer
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(15):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def waiting(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT count(*) FROM outgoing_mail"))
        return int(found.scalar_one())


async def emptied(engine: AsyncEngine) -> None:
    async def empty() -> bool:
        return await waiting(engine) == 0

    await until(empty)


async def due_now(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE outgoing_mail SET due_at = 0"))


async def test_a_mail_arrives_as_text_and_as_html_in_its_language(engine: AsyncEngine) -> None:
    async with mail_server() as server, sending(engine, server.port) as mailer:
        await mailer.send("ada@school.example", "verify_email", "de", **VERIFY)
        await emptied(engine)
        (mail,) = server.received
        assert mail["To"] == "ada@school.example"
        assert mail["From"] == SENDER
        assert mail["Subject"] == "Bestätige deine E-Mail-Adresse"
        assert mail["Auto-Submitted"] == "auto-generated"
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            assert VERIFY["url"] in body.get_content()


async def test_mail_waits_while_the_mail_server_is_down(engine: AsyncEngine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    async with sending(engine, port) as mailer:
        await mailer.send("ada@school.example", "verify_email", "en", **VERIFY)
        await until(lambda: _attempted(engine))
        async with mail_server(port) as server:
            await due_now(engine)
            await mailer.send("bo@school.example", "verify_email", "en", **VERIFY)
            await emptied(engine)
            assert len(server.received) == 2


async def _attempted(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT count(*) FROM outgoing_mail WHERE attempts = 1 AND due_at < :lease"),
            {"lease": now_ms() + 60_000},
        )
        return bool(found.scalar())


async def test_permanently_rejected_mail_is_dropped(engine: AsyncEngine) -> None:
    async with mail_server() as server, sending(engine, server.port) as mailer:
        server.reply = "550 no such user"
        await mailer.send("nobody@school.example", "verify_email", "en", **VERIFY)
        await emptied(engine)
        assert not server.received


async def test_several_gateways_send_a_mail_once(engine: AsyncEngine) -> None:
    async with (
        mail_server() as server,
        sending(engine, server.port) as one,
        sending(engine, server.port) as two,
    ):
        mails = [
            mailer.send(f"{n}@school.example", "verify_email", "en", **VERIFY)
            for n in range(30)
            for mailer in ((one, two)[n % 2],)
        ]
        await asyncio.gather(*mails)
        await emptied(engine)
        assert len({mail["Message-ID"] for mail in server.received}) == len(server.received) == 30


async def test_links_are_encrypted_in_the_queue(engine: AsyncEngine) -> None:
    delivery = smtp_delivery("smtp://127.0.0.1:9", lambda: None, SENDER)
    mailer = Mailer(OutgoingMail(engine), delivery, KeyRing(SECRET))
    await mailer.send("ada@school.example", "verify_email", "en", **VERIFY)
    (row,) = await OutgoingMail(engine).claim(now_ms() + 1, 10)
    assert b"token" not in row.sealed


async def test_a_stack_without_a_mail_server_shows_mail_in_its_inbox(engine: AsyncEngine) -> None:
    inbox = Inbox(engine)
    mailer = Mailer(OutgoingMail(engine), inbox_delivery(inbox), KeyRing(SECRET))
    task = asyncio.create_task(mailer.run())
    await mailer.send("ada@school.example", "reset_password", "en", **VERIFY)
    await emptied(engine)
    task.cancel()
    mail = (await inbox.latest(1))[0]
    assert (mail.recipient, mail.subject) == ("ada@school.example", "Reset your password")
    assert VERIFY["url"] in mail.text


async def test_without_delivery_no_mail_is_queued(engine: AsyncEngine) -> None:
    mailer = Mailer(OutgoingMail(engine), None, KeyRing(SECRET))
    assert not mailer.available
    await mailer.send("ada@school.example", "verify_email", "en", **VERIFY)
    assert await waiting(engine) == 0
