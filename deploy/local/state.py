"""``<data dir>/stack.json``: the running processes, for other commands and for cleaning up after a
crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from deploy.errors import StackError
from deploy.local import processes


class ProcessRecord(BaseModel):
    """A child: enough to recognise it later and to check its health."""

    name: str
    pid: int
    birth_mark: str
    stop_signal: int = int(signal.SIGTERM)
    health_url: str = ""
    log: str = ""
    restarts: int = 0


class StackState(BaseModel):
    """The content of ``stack.json``. ``ports`` are kept after a stop, so that the next start reuses
    them.
    """

    supervisor_pid: int = 0
    supervisor_mark: str = ""
    # Set once everything responds; until then ``urls`` are not reliable.
    ready: bool = False
    ports: dict[str, int] = Field(default_factory=dict)
    env: dict[str, str] = Field(default_factory=dict)
    urls: dict[str, str] = Field(default_factory=dict)
    processes: list[ProcessRecord] = Field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether the supervisor that wrote this is still running."""
        return self.supervisor_pid > 0 and processes.is_running(
            self.supervisor_pid, self.supervisor_mark
        )


def read_state(data_dir: Path) -> StackState:
    """Return the state; an empty one if it is missing or invalid."""
    try:
        return StackState.model_validate_json(_path(data_dir).read_bytes())
    except (FileNotFoundError, ValidationError):
        return StackState()


def write_state(data_dir: Path, state: StackState) -> None:
    """Replace the state atomically, readable by its owner only because ``env`` has passwords."""
    draft = _path(data_dir).with_suffix(".tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(state.model_dump_json(indent=2) + "\n")
    draft.replace(_path(data_dir))


def running_stack(data_dir: Path) -> StackState:
    """Return the state of the running stack in ``data_dir``, or raise ``StackError``."""
    state = read_state(data_dir)
    if not state.running:
        message = f"No stack is running in {data_dir}; start one with `make up`."
        raise StackError(message)
    if not state.ready:
        message = f"The stack in {data_dir} is still starting. Try again in a moment."
        raise StackError(message)
    return state


@contextlib.contextmanager
def exclusive(data_dir: Path) -> Iterator[None]:
    """Lock ``data_dir`` for this process. The kernel releases the lock however the process ends."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    # As root, PostgreSQL runs as another user, who must be able to enter.
    data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    with (data_dir / "stack.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = read_state(data_dir).supervisor_pid
            message = (
                f"A stack is already running in {data_dir} (pid {pid}): "
                "`quizrun status` shows it, `quizrun down` stops it."
            )
            raise StackError(message) from None
        yield


def end_leftovers(data_dir: Path) -> list[str]:
    """Stop recorded processes that outlived their supervisor, and return their names. Call it while
    holding ``exclusive``.
    """
    left = reversed(read_state(data_dir).processes)
    return [
        one.name
        for one in left
        if processes.end(one.pid, one.birth_mark, signal.Signals(one.stop_signal))
    ]


def _path(data_dir: Path) -> Path:
    return data_dir / "stack.json"
