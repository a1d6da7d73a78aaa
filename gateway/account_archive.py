"""Export everything stored about an account as a ZIP archive."""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import IO, Any

import orjson

from db.accounts import Account
from db.audit import AuditFilter, AuditLog
from db.passkeys import Passkey
from db.results import Results
from db.runs import Run, Runs
from db.stores import AuthStores, LibraryStores
from gateway.archive.writing import EXTENSIONS
from telemetry.clock import now_ms

PAGE = 100
MAX_ACTS = 10_000
MEMORY_BYTES = 8_000_000
"""Larger archives are spooled to disk."""

Entry = tuple[str, bytes]


class AccountArchives:
    """Writes account archives, holding one quiz, file or page of results in memory at a time."""

    def __init__(
        self,
        auth: AuthStores,
        library: LibraryStores,
        runs: Runs,
        results: Results,
        audit: AuditLog,
    ) -> None:
        self._auth = auth
        self._library = library
        self._runs = runs
        self._results = results
        self._audit = audit

    async def write(self, account: Account) -> IO[bytes]:
        """Return the archive, positioned at its start. The caller closes it."""
        file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  (the caller closes it)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                async for name, content in self._entries(account):
                    await asyncio.to_thread(archive.writestr, name, content)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    async def _entries(self, account: Account) -> AsyncIterator[Entry]:
        yield _json("account.json", _without(asdict(account), "password_hash"))
        sessions = await self._auth.sessions.of_account(account.id, now_ms())
        yield _json("sessions.json", [asdict(item) for item in sessions])
        identities = await self._auth.identities.of_account(account.id)
        yield _json("identities.json", [asdict(item) for item in identities])
        tokens = await self._auth.api_tokens.of_account(account.id)
        yield _json("api-tokens.json", [asdict(item) for item in tokens])
        passkeys = await self._auth.passkeys.of_account(account.id)
        yield _json("passkeys.json", [_passkey(item) for item in passkeys])
        yield _json("activity.json", [item async for item in self._activity(account.id)])
        acts = self._audit.pages(AuditFilter(account=account.id), MAX_ACTS)
        yield _json("acts.json", [asdict(act) async for page in acts for act in page])
        for part in (self._quiz_entries, self._file_entries, self._run_entries):
            async for entry in part(account.id):
                yield entry

    async def _activity(self, account_id: str) -> AsyncIterator[dict[str, Any]]:
        before = None
        while page := await self._auth.events.page(account_id, PAGE, before):
            for event in page:
                yield asdict(event)
            before = page[-1].id

    async def _quiz_entries(self, account_id: str) -> AsyncIterator[Entry]:
        offset = 0
        while (page := await self._library.quizzes.page(account_id, PAGE, offset))[0]:
            for line in page[0]:
                if line.version:  # version 0 has only an incomplete draft
                    stored = await self._library.quizzes.get(account_id, line.id)
                    quiz = stored.quiz.model_dump(mode="json", exclude_none=True)
                    yield _json(f"quizzes/{line.id}.json", quiz)
            offset += PAGE

    async def _file_entries(self, account_id: str) -> AsyncIterator[Entry]:
        for kind in ("picture", "sound"):
            offset = 0
            while (page := await self._library.media.page(account_id, PAGE, offset, kind))[0]:
                for upload in page[0]:
                    if found := await self._library.media.content(upload.id):
                        extension = EXTENSIONS.get(found.type, "bin")
                        yield f"media/{upload.id}.{extension}", found.content
                offset += PAGE

    async def _run_entries(self, account_id: str) -> AsyncIterator[Entry]:
        offset = 0
        while (page := await self._runs.page(account_id, PAGE, offset))[0]:
            for run in page[0]:
                yield _json(f"runs/{run.id}/run.json", _run(run))
                number = 0
                async for players in self._results.pages(run.id):
                    number += 1
                    lines = [asdict(player) for player in players]
                    yield _json(f"runs/{run.id}/players-{number}.json", lines)
            offset += PAGE


def _passkey(passkey: Passkey) -> dict[str, Any]:
    return {
        "name": passkey.name,
        "authenticator": passkey.aaguid,
        "backed_up": passkey.backed_up,
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "quiz_id": run.quiz_id,
        "quiz_version": run.quiz_version,
        "title": run.title,
        "pin": run.pin,
        "settings": run.settings.model_dump(mode="json"),
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }


def _json(name: str, content: Any) -> Entry:
    return name, orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}
