"""``quizrun demo`` and ``quizrun play`` against a whole stack, as users start them."""

from __future__ import annotations

import asyncio
import os
import pty
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from deploy.bots import check
from deploy.bots.bot import Bot
from deploy.bots.connection import session
from deploy.local.demo_host import Host
from deploy.local.ports import free_port
from deploy.local.state import read_state

ROOT = Path(__file__).parents[2]
QUIZ = {
    "title": "Two questions",
    "questions": [
        {"type": "single", "text": "Which?", "options": ["this", "that"], "correct": [1]},
        {"type": "order", "text": "In order?", "options": ["a", "b", "c"], "time_limit_s": 5},
    ],
}
SETTINGS = {"countdown_s": 0, "reveal_s": 1}


class Stack:
    """A whole stack in its own directory."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.env = {
            **{name: text for name, text in os.environ.items() if not name.startswith("QUIZRUN_")},
            "QUIZRUN_DATA_DIR": str(data_dir),
            "QUIZRUN_HTTP_PORT": str(port),
            "QUIZRUN_TEMPORAL_UI_PORT": str(free_port()),
            "COLUMNS": "80",
        }

    def quizrun(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "deploy.local.cli", *arguments]
        kinds = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
        # Otherwise it would ignore Ctrl-C if the tests run in a shell's background.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(command, cwd=ROOT, env=self.env, text=True, **kinds)
        finally:
            signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="quizrun-test-") as name:
        Path(name).chmod(0o711)
        stack = Stack(Path(name))
        with (stack.data_dir / "up.out").open("w") as out:
            up = stack.quizrun("up", "--no-sample", stdout=out)
        deadline = time.monotonic() + 90
        while not read_state(stack.data_dir).ready:
            assert time.monotonic() < deadline, (stack.data_dir / "up.out").read_text()
            assert up.poll() is None, (stack.data_dir / "up.out").read_text()
            time.sleep(0.05)
        yield stack
        up.terminate()
        up.wait(60)


@pytest.fixture
async def host(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    monkeypatch.setenv("QUIZRUN_DATA_DIR", str(stack.data_dir))  # it has the account's password
    async with Host(stack.url) as host:
        if QUIZ["title"] not in {quiz["title"] for quiz in await host._all("/quizzes")}:
            await host._call("POST", "/quizzes", QUIZ)
        yield host


async def open_run(host: Host) -> dict[str, Any]:
    return await host.open_run((await host.quiz("Two questions"))["id"], SETTINGS)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 30
    while not await true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def ends(process: subprocess.Popen[str]) -> str:
    """Wait for the process to exit and return its output."""
    output, _ = await asyncio.to_thread(process.communicate, timeout=60)
    return str(output)


@contextmanager
def at_a_terminal(stack: Stack, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The command on its own terminal, and the terminal's other end."""
    ours, theirs = pty.openpty()
    process = stack.quizrun(
        *arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        os.close(ours)
        process.kill()
        process.wait()


def read_until(terminal: int, text: str) -> None:
    seen, deadline = "", time.monotonic() + 30
    while text not in seen:
        assert time.monotonic() < deadline, f"no {text!r} in {seen!r}"
        with suppress(OSError):
            seen += os.read(terminal, 65_536).decode(errors="replace")


async def test_the_demo_plays_a_quiz_to_the_end_and_finds_no_problems(
    stack: Stack, host: Host
) -> None:
    output = await ends(stack.quizrun("demo", "--players", "12", "--quiz", "two questions"))
    assert "24 of 24 acknowledged answers are stored, each once." in output
    assert "All players received the same standings." in output
    assert "Question 2 of 2 (order): 12 acknowledged" in output


async def test_the_demo_stops_gracefully_at_ctrl_c_and_ends_its_run(
    stack: Stack, host: Host
) -> None:
    before = (await host._call("GET", "/runs?limit=1"))["total"]
    demo = stack.quizrun("demo", "--players", "3", "--quiz", "Two questions")

    async def joined() -> bool:
        page = await host._call("GET", "/runs?limit=1")
        return bool(page["total"] > before and page["items"][0]["players"] == 3)

    await until(joined)
    demo.send_signal(signal.SIGINT)
    output = await ends(demo)
    assert demo.returncode == 130, output
    assert "Traceback" not in output
    latest = (await host._call("GET", "/runs?limit=1"))["items"][0]
    assert latest["phase"] in {"cancelled", "finished"}


async def test_a_person_and_bots_play_a_run_hosted_by_someone_else(
    stack: Stack, host: Host
) -> None:
    run = await open_run(host)
    person = stack.quizrun(
        *("play", "--pin", run["pin"], "--nickname", "Ada"), stdin=subprocess.PIPE
    )
    demo = stack.quizrun("demo", "--pin", run["pin"], "--players", "4", "--url", stack.url)

    async def joined() -> bool:
        return bool((await host.run(run["run_id"]))["players"] == 5)

    await until(joined)
    await host.command(run["run_id"], "start")
    assert person.stdin is not None
    person.stdin.write("2\n3 2 1\n")
    person.stdin.flush()
    output, bots = await asyncio.gather(ends(person), ends(demo))
    assert person.returncode == 0, output
    assert demo.returncode == 0, bots
    assert all(len(line) <= 80 for line in output.splitlines())
    for text in ("Question 1 of 2", "Locked in after", "✓ Correct: +1000 points", "The end."):
        assert text in output
    assert "Final standings of 5 players" in bots


async def test_on_a_terminal_input_can_be_edited_and_a_pause_is_shown(
    stack: Stack, host: Host
) -> None:
    run = await open_run(host)
    with at_a_terminal(stack, "play", "--pin", run["pin"], "--nickname", "Ada") as (_, terminal):
        await asyncio.to_thread(read_until, terminal, "Waiting for the host")
        await host.command(run["run_id"], "start")
        await asyncio.to_thread(read_until, terminal, "Type the number of your answer")
        await host.command(run["run_id"], "pause")
        await asyncio.to_thread(read_until, terminal, "paused the quiz")
        await host.command(run["run_id"], "resume")
        await asyncio.to_thread(read_until, terminal, "The quiz continues.")
        os.write(terminal, b"7")
        await asyncio.to_thread(read_until, terminal, "> 7")
        os.write(terminal, b"\x7f2\r")
        await asyncio.to_thread(read_until, terminal, "✓ Correct")
        player = (await host.leaderboard(run["run_id"]))[0]
        await host._call("POST", f"/runs/{run['run_id']}/players/{player['player_id']}/kick")
        await asyncio.to_thread(read_until, terminal, "The host has removed you")


async def test_a_bot_that_loses_its_connection_resumes_as_the_same_player(
    stack: Stack, host: Host
) -> None:
    run = await open_run(host)
    async with session() as http:
        bots = [Bot(stack.url, http, name, random.Random(name)) for name in ("Ada", "Bob")]
        for bot in bots:
            await bot.join(run["pin"])
        await host.command(run["run_id"], "start")

        async def open_for_ada() -> bool:
            return bool(bots[0].seen)

        await until(open_for_ada)
        async with asyncio.timeout(40):
            await bots[0].client.drop()
            await asyncio.gather(*(bot.over.wait() for bot in bots))
        assert [bot.connects for bot in bots] == [2, 1]
        assert all(set(bot.acks) == {0, 1} for bot in bots)
        kept, faults = check.answers_kept(bots, await host.results(run["run_id"]))
        agreed = check.standings_agree(bots, await host.leaderboard(run["run_id"]))
        assert (kept, faults, agreed, check.ended(bots)) == (4, [], [], [])
        for bot in bots:
            await bot.close()


def test_a_missing_stack_is_reported_in_one_sentence(data_dir: Path) -> None:
    nothing = Stack(data_dir)
    for arguments in (["demo"], ["play", "--pin", "123456"]):
        process = nothing.quizrun(*arguments)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert output == f"No stack is running in {data_dir}; start one with `make up`.\n"
