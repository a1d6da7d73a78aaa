"""A supervised child process: start, wait until ready, stop, restart."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.errors import StackError
from deploy.local import processes
from deploy.local.logs import open_log, readable, tail
from deploy.local.ports import Port, require_free

_POLL_S = 0.03
_CHECK_TIMEOUT_S = 2.0
_SHOWN_LINES = 15


async def _no_op() -> None:
    pass


class Process(Protocol):
    """What a child needs of `subprocess.Popen`."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Return the exit code, minus the signal's number if killed; None while it runs."""

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has been reaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """How to run a child. ``check`` raises until the child is ready; ``prepare`` runs before every
    start.
    """

    name: str
    command: Sequence[str]
    check: Callable[[], Awaitable[None]]
    ports: Sequence[Port] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], Awaitable[None]] = _no_op
    cwd: Path | None = None
    start_timeout_s: float = 20.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_grace_s: float = 10.0
    # The signal that the child gets when its supervisor is killed.
    death_signal: signal.Signals = signal.SIGKILL
    run_as: tuple[int, int] | None = None
    # Where people and other commands can check readiness: an http(s):// or tcp:// URL.
    health_url: str = ""
    # Whether the process itself writes and rotates its log file (QUIZRUN_LOG_PATH).
    rotates_log: bool = False
    # Starts the process; takes the arguments of `subprocess.Popen`.
    popen: Callable[..., Process] = subprocess.Popen


class Child:
    """A process of the stack. Not thread-safe. Start it from the main thread, because the child is
    killed when the thread that started it ends.
    """

    def __init__(self, spec: ChildSpec, log_dir: Path) -> None:
        """Prepare a child that logs to ``<log_dir>/<name>.log``, without starting it."""
        self.spec = spec
        self.log_path = log_dir / f"{spec.name}.log"
        self.birth_mark = ""
        self._process: Process | None = None
        self._log_start = 0

    @property
    def running(self) -> bool:
        """Whether the process is running."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the latest start; 0 before the first."""
        return self._process.pid if self._process else 0

    async def start(self, launched: Callable[[], None] = lambda: None) -> None:
        """Start the process and return once ``check`` passes. If it never does, the process is
        ended and ``StackError`` raised.

        ``launched`` is called as soon as there is a pid, before the process is ready.
        """
        try:
            await self.launch()
            launched()
            await self.ready()
        except BaseException:
            await self.kill()
            raise

    async def launch(self) -> None:
        """Start the process without waiting until it is ready."""
        await self.spec.prepare()
        for port in self.spec.ports:
            require_free(self.spec.name, port)
        user, group = self.spec.run_as or (None, None)
        own_log = {"QUIZRUN_LOG_PATH": str(self.log_path)} if self.spec.rotates_log else {}
        with open_log(self.log_path) as log:
            self._log_start = log.tell()
            try:
                # Not asyncio's: uvloop's supports neither user nor process_group, and any event
                # loop must work here.
                self._process = self.spec.popen(  # it blocks for a millisecond
                    list(self.spec.command),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **self.spec.env, **own_log},
                    cwd=self.spec.cwd,
                    user=user,
                    group=group,
                    extra_groups=None if group is None else [],
                    # A separate process group, so that Ctrl-C reaches only the supervisor, which
                    # stops the children in order.
                    process_group=0,
                    # Makes only system calls, so no lock of another thread can block it.
                    preexec_fn=processes.die_with_parent(self.spec.death_signal),
                )
            except OSError as error:
                message = (
                    f"{self.spec.name} cannot start: {self.spec.command[0]}: {error.strerror}."
                )
                raise StackError(message) from error
        self.birth_mark = processes.birth_mark(self._process.pid) or ""

    async def ready(self) -> None:
        """Wait until ``check`` passes. Raises ``StackError`` if the process exits first or time
        runs out.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.spec.start_timeout_s
        reason = ""
        while loop.time() < deadline:
            if not self.running:
                raise self._failure(f"exited with code {await self.wait()}")
            try:
                async with asyncio.timeout(_CHECK_TIMEOUT_S):
                    await self.spec.check()
            except Exception as error:  # noqa: BLE001 - any failure of the check means "not yet"
                reason = f" ({type(error).__name__}: {error})"[:200]
                await asyncio.sleep(_POLL_S)
            else:
                return
        raise self._failure(f"was not ready within {self.spec.start_timeout_s:g} s{reason}")

    async def wait(self) -> int:
        """Wait for the process to exit and return its exit code (minus the signal's number if
        killed).
        """
        while self.running:
            await processes.may_have_ended(self.pid)
        return (self._process and self._process.returncode) or 0

    async def stop(self) -> None:
        """Ask the process to exit; kill it after the grace period."""
        if not self.running:
            return
        self._send(self.spec.stop_signal)
        try:
            async with asyncio.timeout(self.spec.stop_grace_s):
                await self.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Kill the process (SIGKILL) and wait until it is gone."""
        self._send(signal.SIGKILL)
        await self.wait()

    def freeze(self) -> None:
        """Suspend the process (SIGSTOP), and return once it has stopped.

        It keeps its connections and does not respond.
        """
        self._send(signal.SIGSTOP)
        if self._process is not None:
            with suppress(ChildProcessError):  # it has ended, and been reaped
                os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """Resume a frozen process (SIGCONT)."""
        self._send(signal.SIGCONT)

    async def restart(self) -> None:
        """Stop the process if it runs, and start it again with the same ports and data."""
        await self.stop()
        await self.start()

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)  # does nothing once the process has been reaped

    def _failure(self, what: str) -> StackError:
        said = tail(self.log_path, from_byte=self._log_start)
        lines = [part for line in said for part in readable(line).splitlines()][-_SHOWN_LINES:]
        text = f"{self.spec.name} failed to start: it {what}; log: {self.log_path}."
        return StackError("\n".join([text, *(f"  | {line}" for line in lines)]))


async def start_all(children: Iterable[Child], launched: Callable[[], None] = lambda: None) -> None:
    """Start ``children`` concurrently; on failure, stop the others and raise the first
    ``StackError``.
    """
    try:
        async with asyncio.TaskGroup() as starting:
            for child in children:
                starting.create_task(child.start(launched))
    except ExceptionGroup as group:  # except* would wrap the error in a group again
        raise next(
            (error for error in group.exceptions if isinstance(error, StackError)), group
        ) from None
