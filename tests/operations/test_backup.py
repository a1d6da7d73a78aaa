"""A backup taken during a question suffices to finish the run elsewhere."""

from __future__ import annotations

import asyncio
import io
import tarfile
from pathlib import Path

import aiohttp
import httpx
import pytest

from db.engine import database_url
from deploy.errors import StackError
from deploy.operations import cli
from deploy.operations.archive import CHECKSUMS, ArchiveReader
from deploy.operations.backup import back_up
from deploy.operations.wiring import Operations, operations
from tests.operations.conftest import settings_for
from tests.operations.scene import close, play
from tests.operations.test_showing import quizrun
from tests.system.client import PythonClient
from tests.system.hosting import TIMEOUT_S, Host, Run, stored_answers
from tests.system.quizzes import LIMIT_MS
from tests.system.system import System, running_system

pytestmark = pytest.mark.timeout(300)  # stacks start slowly on a busy machine


def without(archive: bytes, name: str) -> bytes:
    """The archive without one of its members."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as given,
        tarfile.open(fileobj=target, mode="w") as made,
    ):
        for member in given:
            if member.name != name:
                made.addfile(member, given.extractfile(member))
    return target.getvalue()


def read_all(archive: bytes) -> dict[str, int]:
    reader = ArchiveReader(io.BytesIO(archive))
    for _ in reader.chunks():
        pass
    return reader.rows


async def test_a_restored_live_run_finishes_with_exact_results(
    system: System, host: Host, session: aiohttp.ClientSession, ops: Operations, tmp_path: Path
) -> None:
    limit_s = 30
    run, players = await play(system, host, session, questions=2, limit_s=limit_s)
    first = await players[0].answer(0, 0)
    assert first["ok"]
    file = tmp_path / "quizrun.tar"
    taken = await asyncio.to_thread(quizrun, system, "backup", str(file))
    assert taken.returncode == 0, taken.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StackError, match="already exists"), cli._written(str(file)):
        pass
    # Not in the backup.
    assert (await players[1].answer(0, 1))["ok"]
    await ops.commands.carry_out("ada", run.id, "end")
    await close(players)

    async with running_system(gateways=1, workers=1) as empty:
        restored = await asyncio.to_thread(quizrun, empty, "restore", str(file))
        assert restored.returncode == 0, restored.stderr
        assert f"Run {run.id} (PIN {run.pin}): question, question 1 of 2" in restored.stdout
        base_url = f"{empty.urls[0]}/api/v1"
        async with (
            httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S) as http,
            operations(settings_for(empty)) as there,
        ):
            back = [PythonClient(session, empty.urls[0]) for _ in players]
            for player, old in zip(back, players, strict=True):
                await player.connect(token=old.joined["token"])
            (snapshot,) = await back[0].hears("snapshot")
            assert snapshot["paused"]
            assert snapshot["you"]["answered"]
            (other,) = await back[1].hears("snapshot")
            assert not other["you"]["answered"]
            # The host's token is valid there, too: accounts and the secret are the same.
            moved = Run(Host(http, host.token), run.quiz, run.id, run.pin)
            # The activity log continues after its last entry.
            bearer = {"Authorization": f"Bearer {host.token}"}
            assert (await http.delete("/me/sessions", headers=bearer)).status_code == 204
            events = (await http.get("/me/events", headers=bearer)).json()["events"]
            assert [event["kind"] for event in events] == ["other_sessions_ended", "signed_in"]
            await moved.command("resume")
            (resumed, *_) = await back[1].hears("resumed")
            assert await back[0].answer(0, 0) == first
            second = await back[1].answer(0, 0)
            assert second["ok"]
            # The time between backup and resume counts for no player.
            assert 0 <= second["elapsed_ms"] < limit_s * 1000 + LIMIT_MS
            assert resumed["paused_ms"] > 0
            await asyncio.gather(*(player.sees_question(1, 60) for player in back))
            for player in back:
                assert (await player.answer(1, 0))["ok"]
            _, own = await back[0].hears("finished", timeout_s=60)
            results = await moved.results()
            stored = await stored_answers(empty.servers.database_url, run.id)
            assert len(stored) == 4
            assert stored[0, players[0].player_id] == (
                0,
                first["elapsed_ms"],
            )
            assert results["run"]["phase"] == "finished"
            assert own["score"] == results["players"][own["rank"] - 1]["score"]
            found = await there.repair.rescore(run.id)
            assert found.none
            assert found.scored == 4
            await close(back)


async def test_an_incomplete_or_damaged_archive_is_rejected(system: System) -> None:
    stream = io.BytesIO()
    sums = await asyncio.to_thread(back_up, database_url(system.servers.database_url), stream)
    archive = stream.getvalue()
    assert read_all(archive) == sums.rows
    for end in (archive.index(CHECKSUMS.encode()), archive.index(CHECKSUMS.encode()) - 700):
        with pytest.raises(StackError, match=r"incomplete|damaged"):
            read_all(archive[:end])
    with pytest.raises(StackError, match="checksums are missing"):
        read_all(without(archive, CHECKSUMS))
    missing = next(name for name in sums.sha256 if name.endswith(".gz"))
    with pytest.raises(StackError, match="damaged"):
        read_all(without(archive, missing))
    with pytest.raises(StackError, match="not a Quizrun backup"):
        read_all(b"something else" * 1000)
    middle = archive.index(b"\x1f\x8b") + 20
    with pytest.raises(StackError, match="damaged"):
        read_all(archive[:middle] + bytes([archive[middle] ^ 1]) + archive[middle + 1 :])
