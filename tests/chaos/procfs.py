"""Processes in Linux's /proc: descendants, connections, memory."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

_ESTABLISHED = "01"
_LOOPBACK_HEX = "0100007F"


def family(pid: int) -> list[int]:
    """`pid` and its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to `pid` and its descendants. PostgreSQL's backends have sessions of their
    own: a signal to the process group would miss them.
    """
    for one in family(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, number)


def owner(client_port: int, server_port: int, processes: Mapping[str, int]) -> str:
    """The name of the process connected from `client_port` to `server_port` on loopback; empty if
    it is none of `processes` (pid by name).
    """
    local = f"{_LOOPBACK_HEX}:{client_port:04X}"
    remote = f"{_LOOPBACK_HEX}:{server_port:04X}"
    wanted = next((row[9] for row in _connections() if row[1] == local and row[2] == remote), None)
    for name, pid in processes.items():
        if wanted and f"socket:[{wanted}]" in _open_files(pid):
            return name
    return ""


def established(port: int) -> int:
    """Number of connections to the server on `port`."""
    local = f"{_LOOPBACK_HEX}:{port:04X}"
    return sum(row[1] == local and row[3] == _ESTABLISHED for row in _connections())


def sockets(pid: int) -> int:
    """Number of sockets the process has open."""
    return sum(name.startswith("socket:") for name in _open_files(pid))


def resident_mb(pid: int) -> float:
    """Resident memory in MB."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _connections() -> list[list[str]]:
    return [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]


def _open_files(pid: int) -> list[str]:
    found = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found.append(str(Path(entry.path).readlink()))
    return found
