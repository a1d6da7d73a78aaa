"""Operating system support for child processes: end with the parent, identify, and clean up."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_POLL_S = 0.03
_PR_SET_PDEATHSIG = 1
_LINUX = sys.platform.startswith("linux")


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a ``preexec_fn`` that has the kernel send ``death_signal`` to the child when the
    thread that started it ends.

    Even ``kill -9`` of the supervisor then leaves nothing behind. Linux only (None elsewhere:
    leftovers are found by their recorded pids at the next start). The kernel clears the setting
    when credentials change, so it must be set after setuid, which is when ``subprocess`` calls
    ``preexec_fn``.
    """
    if not _LINUX:
        return None
    # Resolved here, because between fork and exec only resolved symbols are safe to call.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent, number = os.getpid(), int(death_signal)

    def preexec() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above took effect
            os._exit(1)

    return preexec


def birth_mark(pid: int) -> str | None:
    """Return a mark that distinguishes this process from later ones with the same pid; None if no
    such process runs.

    Pids are reused, also after a reboot: on Linux, the mark is the boot id and the start time in
    ticks since boot.
    """
    if _LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        state, *fields = stat.rpartition(")")[2].split()
        return None if state in {"Z", "X"} else f"{boot}:{fields[18]}"
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return (
        subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    )


async def may_have_ended(pid: int) -> None:
    """Wait for the end of a child process that has not been reaped.

    Returns without one after a short time where the system cannot report it (outside of Linux).
    """
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        await asyncio.sleep(_POLL_S)
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def is_running(pid: int, mark: str) -> bool:
    """Return whether the process recorded as ``pid`` with ``mark`` is still running."""
    return birth_mark(pid) == mark


def end(pid: int, mark: str, first: signal.Signals = signal.SIGTERM, grace_s: float = 5.0) -> bool:
    """Stop the recorded process if it still runs: ``first``, then SIGKILL after ``grace_s``. Return
    whether it ran.
    """
    if not is_running(pid, mark):
        return False
    for number, patience_s in ((first, grace_s), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if not is_running(pid, mark):
                return True
            time.sleep(0.02)
    return True


def working_in(directory: Path) -> list[int]:
    """Return the pids of processes with the working directory ``directory`` (Linux only)."""
    wanted = os.path.realpath(directory)
    found = []
    for entry in Path("/proc").glob("[0-9]*") if _LINUX else ():
        try:
            if str((entry / "cwd").readlink()) == wanted:
                found.append(int(entry.name))
        except OSError:
            continue
    return found
