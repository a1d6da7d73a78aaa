"""What the operating system knows of processes: CPU time and memory (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """CPU seconds used so far, with those of children that have ended."""
    return sum(int(field) for field in _stat(pid)[11:15]) / _TICKS


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
