"""Log files are rotated while they are written and read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.logs import Follower, readable, rotate_open, tail

ROOT = Path(__file__).parents[2]
WRITER = """
import os, sys
from pathlib import Path
import structlog
from telemetry.logs import configure_logging
path, lines, pause_at = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
configure_logging("info", "worker-1", path=path, max_bytes=20_000, backups=int(sys.argv[4]))
for number in range(lines):
    # A different run id for each, so that no line is sampled.
    structlog.get_logger("workers.tried").info("line.written", run_id=str(number), version=number)
    if number == pause_at:
        (path.parent / "paused").touch()
        sys.stdin.readline()
print("printed at the end", flush=True)
os.write(2, b"written at the end\\n")
"""


def writer(path: Path, lines: int, pause_at: int = -1, backups: int = 100) -> subprocess.Popen[str]:
    """A process that writes `lines` numbered lines; its output goes to the file, too."""
    with path.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(lines), str(pause_at), str(backups)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def until_there(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def numbers(*paths: Path) -> list[int]:
    found = [json.loads(x) for path in paths for x in path.read_text().splitlines() if x[0] == "{"]
    return [line["quizrun.version"] for line in found]


def test_a_process_rotates_its_file_and_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "worker-1.log"
    finish(writer(path, 500))
    older = sorted(tmp_path.glob("*.log.*"), key=lambda one: -int(one.suffix[1:]))
    assert len(older) > 5
    assert all(one.stat().st_size < 25_000 for one in (path, *older))
    assert numbers(*older, path) == list(range(500))
    # Standard output and error were redirected, too.
    assert path.read_text().splitlines()[-2:] == ["printed at the end", "written at the end"]


def test_the_number_of_old_files_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "worker-1.log"
    finish(writer(path, 500, backups=2))
    assert sorted(one.name for one in tmp_path.glob("*.log*")) == [
        path.name,
        f"{path.name}.1",
        f"{path.name}.2",
    ]


def test_logrotate_can_move_the_file_without_a_signal(tmp_path: Path) -> None:
    path, moved = tmp_path / "worker-1.log", tmp_path / "moved"
    process = writer(path, 20, pause_at=9)
    until_there(tmp_path / "paused")
    path.rename(moved)
    finish(process)
    assert numbers(moved) == list(range(10))
    assert numbers(path) == list(range(10, 20))


def test_a_log_that_cannot_be_written_does_not_stop_the_process(tmp_path: Path) -> None:
    directory = tmp_path / "logs"
    directory.mkdir()
    process = writer(directory / "worker-1.log", 20, pause_at=9)
    until_there(directory / "paused")
    shutil.rmtree(directory)
    finish(process)


@pytest.mark.parametrize("how", ["moved", "emptied"])
def test_following_a_log_misses_nothing_across_rotation(tmp_path: Path, how: str) -> None:
    path = tmp_path / "postgres.log"
    path.write_text("before\n")
    with Follower(path) as follower, path.open("a") as log:
        log.write("one\ntw")
        log.flush()
        assert list(follower.lines()) == ["one"]
        log.write("o\nthree\n")
        log.flush()
        if how == "emptied":
            assert list(follower.lines()) == ["two", "three"]
            assert rotate_open(path, max_bytes=5)
            log.write("four\n")
            log.flush()
            assert list(follower.lines()) == ["four"]
        else:
            path.rename(tmp_path / "postgres.log.1")
            log.write("four\n")
            log.flush()
            path.write_text("five\n")
            assert list(follower.lines()) == ["two", "three", "four", "five"]
        assert list(follower.lines()) == []


def test_a_servers_log_is_limited_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "postgres.log"
    with path.open("ab", buffering=0) as log:
        log.write(b"x" * 100)
        assert not rotate_open(path, max_bytes=100)
        log.write(b"y")
        assert rotate_open(path, max_bytes=100)
        log.write(b"after\n")
    assert path.read_bytes() == b"after\n"
    assert (tmp_path / "postgres.log.1").read_bytes() == b"x" * 100 + b"y"
    assert not rotate_open(tmp_path / "nothing.log")


def test_a_tail_continues_in_the_older_file(tmp_path: Path) -> None:
    (tmp_path / "x.log.1").write_text("one\ntwo\nthree\n")
    (tmp_path / "x.log").write_text("four\n")
    assert tail(tmp_path / "x.log", 3) == ["two", "three", "four"]


def test_quizrun_logs_follows_across_rotation(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "worker-1.log"
    path.parent.mkdir()
    path.write_text('{"@timestamp": "T", "log.level": "info", "message": "a.b"}\n')
    command = [sys.executable, "-m", "deploy.local.cli", "logs", "worker-1", "--follow"]
    reading = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "QUIZRUN_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    assert reading.stdout is not None
    try:
        assert reading.stdout.readline().split() == ["T", "info", "a.b"]
        with path.open("a") as log:
            path.rename(path.with_name("worker-1.log.1"))
            log.write("late\n")
        path.write_text("fresh\n")
        assert [reading.stdout.readline(), reading.stdout.readline()] == ["late\n", "fresh\n"]
    finally:
        reading.kill()
        reading.communicate()


def test_readable_lines_omit_constant_fields() -> None:
    line = {
        "@timestamp": "T",
        "log.level": "error",
        "message": "step.failed",
        "service.name": "quizrun-worker",
        "quizrun.run_id": "r",
        "error.type": "ValueError",
        "error.stack_trace": "Traceback…\nValueError\n",
    }
    shown = "T error    step.failed run_id=r error.type=ValueError\nTraceback…\nValueError"
    assert readable(json.dumps(line)) == shown
    assert readable("{not json") == "{not json"
