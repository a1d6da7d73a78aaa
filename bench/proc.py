"""CPU time and memory of processes (Linux)."""

from __future__ import annotations

import gc
import os
import resource
import time
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_SCHEDULED = 2
"""The kind of a process's CPU clock in the kernel's clock ids (CPUCLOCK_SCHED)."""


def cpu_s(pid: int) -> float:
    """Return the CPU seconds used by a process's threads so far, ended ones included; 0 if it is
    gone.

    From the kernel's clock of the process, in nanoseconds, because the usual counters tick in
    hundredths of a second, which is more than a small room uses per question.
    """
    try:
        return time.clock_gettime((~pid << 3) | _SCHEDULED)
    except OSError:
        return 0.0


def own_cpu_s() -> float:
    """Return the CPU seconds used by this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def disable_gc() -> None:
    """Disable garbage collection, whose pauses would count as latency of the server."""
    gc.collect()
    gc.freeze()
    gc.disable()


def rss_bytes(pid: int) -> int:
    """Return the resident memory."""
    return int(_stat(pid)[21]) * _PAGE


def descendants() -> dict[int, list[int]]:
    """Return the descendants of every process."""
    parents = {
        int(entry.name): int(_stat(int(entry.name))[1]) for entry in Path("/proc").glob("[0-9]*")
    }
    found: dict[int, list[int]] = {}
    for pid in parents:
        ancestor = parents.get(pid, 0)
        while ancestor:
            found.setdefault(ancestor, []).append(pid)
            ancestor = parents.get(ancestor, 0)
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/<pid>/stat`` after the name, starting with the state."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ["0"] * 50
    return text.rpartition(")")[2].split()
