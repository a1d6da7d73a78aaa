"""Children are restarted, stopped in order, and reported if they fail to start."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.errors import StackError
from deploy.local import logs
from deploy.local.probe import responds
from deploy.local.supervisor import RestartPolicy, Supervisor
from tests.deploy.conftest import stub_spec

QUICK = RestartPolicy(first_delay_s=0.02, longest_delay_s=0.05, most_ends=2)


@asynccontextmanager
async def supervised(log_dir: Path) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    said: list[str] = []
    supervisor = Supervisor(log_dir, report=said.append, policy=QUICK)
    try:
        yield supervisor, said
    finally:
        await supervisor.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_child_that_exits_is_restarted_on_the_same_port(tmp_path: Path) -> None:
    spec = stub_spec("one", tmp_path / "notes")
    async with supervised(tmp_path) as (supervisor, said):
        await supervisor.start([spec])
        first = supervisor.children[0].pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: "one is running again." in said)
        assert supervisor.children[0].pid != first
        assert await responds(spec.health_url)
        assert supervisor.restarts == {"one": 1}
    assert said[0].startswith("one exited on SIGKILL; restarting it in 0.02 s (log: ")


async def test_a_child_that_keeps_exiting_is_given_up(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (supervisor, said):
        await supervisor.start([stub_spec("one", tmp_path / "notes")])
        giving_up = asyncio.create_task(supervisor.gave_up())
        for back in range(QUICK.most_ends + 1):
            await until(lambda back=back: said.count("one is running again.") == back)  # type: ignore[misc]
            os.kill(supervisor.children[0].pid, signal.SIGKILL)
        with pytest.raises(
            StackError, match=r"^one exited 3 times within 60 s, .* log: .*one\.log\.$"
        ):
            await asyncio.wait_for(giving_up, 10)


async def test_groups_stop_in_reverse_starting_order(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    async with supervised(tmp_path) as (supervisor, _):
        for name in ("server", "worker", "gateway"):
            await supervisor.start([stub_spec(name, notes)])
    assert notes.read_text().split("\n")[3:6] == ["gateway ended", "worker ended", "server ended"]


async def test_a_child_that_ignores_the_stop_signal_is_killed(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (supervisor, _):
        await supervisor.start([stub_spec("deaf", tmp_path / "notes", STUB_DEAF="1")])
        child = supervisor.children[0]
    assert await child.wait() == -signal.SIGKILL


async def test_a_port_in_use_is_reported_with_its_setting(tmp_path: Path) -> None:
    spec = stub_spec("web", tmp_path / "notes")
    port = spec.ports[0].number
    with socket.create_server(("127.0.0.1", port)):
        async with supervised(tmp_path) as (supervisor, _):
            with pytest.raises(StackError) as caught:
                await supervisor.start([spec])
    assert str(caught.value) == (
        f"web cannot start: port {port} is in use by another process; "
        "stop that process or set QUIZRUN_STUB_PORT to another port."
    )


async def test_a_child_that_exits_while_starting_is_reported_with_its_last_lines(
    tmp_path: Path,
) -> None:
    spec = stub_spec("sick", tmp_path / "notes", STUB_COMPLAINT="no space left")
    async with supervised(tmp_path) as (supervisor, _):
        with pytest.raises(StackError) as caught:
            await supervisor.start([spec])
    first, *lines = str(caught.value).split("\n")
    assert first == f"sick failed to start: it exited with code 3; log: {tmp_path / 'sick.log'}."
    assert lines == ["  | no space left"]


async def test_a_child_that_never_responds_is_reported_and_stopped(tmp_path: Path) -> None:
    spec = stub_spec("mute", tmp_path / "notes", timeout_s=0.4, STUB_SILENT="1")
    async with supervised(tmp_path) as (supervisor, _):
        with pytest.raises(
            StackError, match=r"mute failed to start: it was not ready within 0\.4 s"
        ):
            await supervisor.start([spec])
        assert not supervisor.children[0].running


async def test_when_one_child_fails_the_others_of_its_group_are_stopped(tmp_path: Path) -> None:
    good, bad = (
        stub_spec("good", tmp_path / "notes"),
        stub_spec("bad", tmp_path / "notes", STUB_COMPLAINT="no"),
    )
    async with supervised(tmp_path) as (supervisor, _):
        with pytest.raises(StackError, match="bad failed to start"):
            await supervisor.start([good], [bad])
    assert not [child for child in supervisor.children if child.running]


def test_an_oversized_log_is_rotated_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with path.open("wb") as log:
        log.truncate(logs.MAX_LOG_BYTES + 1)
    with logs.open_log(path) as log:
        log.write(b"fresh\n")
    assert path.read_bytes() == b"fresh\n"
    assert path.with_name("x.log.1").stat().st_size == logs.MAX_LOG_BYTES + 1
