"""What the operating system knows of processes: CPU time and memory (Linux)."""

from __future__ import annotations

import gc
import os
import resource
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """CPU seconds that the threads of a process have used so far; 0 of one that is gone.

    From the scheduler, in nanoseconds: the usual counters tick in hundredths of a second, which is
    more than a small room uses for a question.
    """
    total = 0
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
    except OSError:
        return total / 1e9
    return total / 1e9


def own_cpu_s() -> float:
    """CPU seconds that this process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def collect_no_garbage() -> None:
    """Collect no more garbage: a pause of ours would be measured as one of theirs."""
    gc.collect()
    gc.freeze()
    gc.disable()


def rss_bytes(pid: int) -> int:
    """Resident memory."""
    return int(_stat(pid)[21]) * _PAGE


def families() -> dict[int, list[int]]:
    """All descendants of every process."""
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
    """The fields of ``/proc/<pid>/stat`` after the name; the state is the first."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ["0"] * 50
    return text.rpartition(")")[2].split()
