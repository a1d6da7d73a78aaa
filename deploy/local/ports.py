"""Find free ports on the loopback interface, and report ports that are in use."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from deploy.errors import StackError

LOOPBACK = "127.0.0.1"

# Below every system's ephemeral range (Linux 32768+, macOS 49152+). A server on an ephemeral port
# can lose it when it restarts: a local client that reconnects may be given that very port as its
# source and connect to itself.
_RANGE = range(15_000, 30_000)


@dataclass(frozen=True, slots=True)
class Port:
    """A TCP port and, if it can be configured, its environment variable."""

    number: int
    setting: str | None = None


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on ``port``. Connections in TIME_WAIT do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(
    preferred: int | None = None, avoid: frozenset[int] = frozenset(), among: range = _RANGE
) -> int:
    """Return ``preferred`` if it is free, else a free port in ``among`` but not ``avoid``."""
    if preferred is not None and preferred not in avoid and is_free(preferred):
        return preferred
    for candidate in random.SystemRandom().sample(among, 200):
        if candidate not in avoid and is_free(candidate):
            return candidate
    message = f"No free port between {among.start} and {among.stop - 1} on {LOOPBACK}."
    raise StackError(message)


def free_ports(names: Iterable[str], among: range = _RANGE) -> dict[str, int]:
    """Return a free port in ``among`` for each of ``names``."""
    chosen: dict[str, int] = {}
    for name in names:
        chosen[name] = free_port(avoid=frozenset(chosen.values()), among=among)
    return chosen


def require_free(name: str, port: Port) -> None:
    """Raise ``StackError``, naming the port and its setting, if another process listens there."""
    if is_free(port.number):
        return
    remedy = (
        f"set {port.setting} to another port" if port.setting else "start again to use another one"
    )
    message = (
        f"{name} cannot start: port {port.number} is in use by another process; "
        f"stop that process or {remedy}."
    )
    raise StackError(message)
