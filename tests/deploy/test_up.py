"""``quizrun up`` from a user's view: start, second start, kill -9 of everything, restart, stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from deploy.local import processes
from deploy.local.ports import free_port
from deploy.local.state import ProcessRecord, StackState, end_leftovers, read_state, write_state
from tests.programs import debian_program

ROOT = Path(__file__).parents[2]


class Stack:
    """The command line's view of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.http_port = free_port()
        self.env = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith("QUIZRUN_")
            },
            "QUIZRUN_DATA_DIR": str(data_dir),
            "QUIZRUN_HTTP_PORT": str(self.http_port),
            "QUIZRUN_TEMPORAL_UI_PORT": str(free_port()),
            "STUB_NOTES": str(data_dir / "notes"),
        }
        self.started: list[subprocess.Popen[bytes]] = []

    def up(self, **env: str) -> subprocess.Popen[bytes]:
        with (self.data_dir / "up.out").open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.deploy.run_stub_stack"],
                cwd=ROOT,
                env={**self.env, **env},
                stdout=out,
                stderr=out,
            )
        self.started.append(process)
        return process

    def quizrun(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy.local.cli", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )

    @property
    def output(self) -> str:
        return (self.data_dir / "up.out").read_text()

    @property
    def state(self) -> StackState:
        return read_state(self.data_dir)


@pytest.fixture
def stack(data_dir: Path) -> Iterator[Stack]:
    stack = Stack(data_dir)
    yield stack
    for process in stack.started:
        process.terminate()
        process.wait(30)


def wait_for(true: Callable[[], bool], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_stack_recovers_after_everything_was_killed(stack: Stack) -> None:
    first = stack.up()
    wait_for(lambda: stack.state.ready)
    before = stack.state
    assert f"http://localhost:{stack.http_port}/api/docs" in stack.output
    assert [one.name for one in before.processes] == [
        *("postgres", "valkey", "kafka", "temporal", "worker-1", "gateway-1", "gateway-2")
    ]
    with closing(
        psycopg.connect(before.env["QUIZRUN_DATABASE_URL"], autocommit=True)
    ) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    status = stack.quizrun("status")
    assert status.returncode == 0, status.stdout + status.stderr
    assert status.stdout.count(" up ") == 7
    assert f"export QUIZRUN_SECRET={before.env['QUIZRUN_SECRET']}" in stack.quizrun("env").stdout
    assert "migrated postgresql://" in stack.quizrun("logs", "migrate").stdout
    assert (
        "There is no log for 'nobody'. Available: gateway-1, "
        in stack.quizrun("logs", "nobody").stderr
    )

    second = stack.up()
    assert second.wait(20) == 1
    assert f"A stack is already running in {stack.data_dir} (pid {first.pid})" in stack.output

    first.kill()
    first.wait()
    # The kernel ends them, because their parent died.
    wait_for(
        lambda: not any(processes.is_running(one.pid, one.birth_mark) for one in before.processes)
    )
    assert "No stack is running in" in stack.quizrun("status").stderr

    third = stack.up()
    # the killed one's state says `ready` until the third has written its own
    wait_for(lambda: stack.state.supervisor_pid == third.pid)
    wait_for(lambda: stack.state.ready)
    assert stack.state.env == before.env  # the same ports, passwords and secret
    with closing(psycopg.connect(before.env["QUIZRUN_DATABASE_URL"])) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]

    (stack.data_dir / "notes").unlink()
    assert stack.quizrun("down").stdout == "Stopped.\n"
    assert third.wait(5) == 0
    ended = (stack.data_dir / "notes").read_text().split("\n")
    assert set(ended[:2]) == {"gateway-1 ended", "gateway-2 ended"}
    assert ended[2] == "worker-1 ended"
    assert stack.state.processes == []
    assert stack.state.ports == before.ports


def test_monitoring_runs_beside_the_stack_and_scrapes_all_of_it(stack: Stack) -> None:
    debian_program("prometheus")
    debian_program("prometheus-alertmanager")
    stack.up(STUB_MONITORING="1")
    wait_for(lambda: stack.state.ready, timeout_s=90)
    state = stack.state
    assert [one.name for one in state.processes][-2:] == ["prometheus", "alertmanager"]
    assert f"http://localhost:{state.ports['prometheus']}" in stack.output
    assert f"http://localhost:{state.ports['alertmanager']}" in stack.output
    prometheus = f"http://127.0.0.1:{state.ports['prometheus']}/api/v1"
    expected = {
        ("quizrun-gateways", f"127.0.0.1:{stack.http_port}"),
        ("quizrun-gateways", f"127.0.0.1:{stack.http_port + 1}"),
        ("quizrun-workers", f"127.0.0.1:{state.ports['worker-1']}"),
        ("prometheus", f"127.0.0.1:{state.ports['prometheus']}"),
        ("alertmanager", f"127.0.0.1:{state.ports['alertmanager']}"),
    }

    def targets() -> set[tuple[str, str]]:
        found = httpx.get(f"{prometheus}/targets").json()["data"]["activeTargets"]
        return {(one["labels"]["job"], one["labels"]["instance"]) for one in found}

    wait_for(lambda: targets() == expected, timeout_s=30)


def test_a_web_port_in_use_fails_the_start_with_one_sentence(stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", stack.http_port)):
        assert stack.up().wait(30) == 1
    assert (
        f"gateway-1 cannot start: port {stack.http_port} is in use by another process; "
        in stack.output
    )
    assert "set QUIZRUN_HTTP_PORT to another port." in stack.output
    assert "Traceback" not in stack.output
    assert not stack.state.running


def test_an_external_server_that_does_not_respond_is_named(stack: Stack) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    assert stack.up(QUIZRUN_REDIS_URL=url).wait(30) == 1
    assert "QUIZRUN_REDIS_URL is set, but its server is not responding: " in stack.output


def test_a_stop_while_starting_stops_what_was_started(stack: Stack) -> None:
    process = stack.up()
    wait_for(lambda: len(stack.state.processes) > 0)
    records = stack.state.processes
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert not any(processes.is_running(one.pid, one.birth_mark) for one in records)


def test_a_leftover_process_is_stopped_but_not_another_with_its_pid(data_dir: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as ours, subprocess.Popen(["sleep", "60"]) as stranger:
        mark = processes.birth_mark(ours.pid)
        assert mark is not None
        records = [
            ProcessRecord(name="ours", pid=ours.pid, birth_mark=mark),
            ProcessRecord(name="gone", pid=stranger.pid, birth_mark="of an earlier process"),
        ]
        write_state(data_dir, StackState(processes=records))
        assert end_leftovers(data_dir) == ["ours"]
        assert ours.wait(5) == -signal.SIGTERM
        assert stranger.poll() is None
        stranger.terminate()
    assert (data_dir / "stack.json").stat().st_mode & 0o777 == 0o600
