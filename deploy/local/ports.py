"""Ports on the loopback interface: pick free ones, and say clearly when a wanted one is taken."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from deploy.local.errors import StackError

LOOPBACK = "127.0.0.1"

# Below every system's ephemeral range (Linux 32768+, macOS 49152+). A server on an ephemeral port
# that dies can lose it for good: a client on the same machine that retries may be given that very
# port as its *source* and connect to itself.
_RANGE = range(15_000, 30_000)


@dataclass(frozen=True, slots=True)
class Port:
    """A TCP port and, when a person can choose it, the environment variable that does."""

    number: int
    setting: str | None = None


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on ``port`` now. Connections in TIME_WAIT do not count as
    taken.
    """
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
    """Return ``preferred`` when it is free, else some free port of ``among`` that is not in
    ``avoid``.
    """
    if preferred is not None and preferred not in avoid and is_free(preferred):
        return preferred
    for candidate in random.SystemRandom().sample(among, 200):
        if candidate not in avoid and is_free(candidate):
            return candidate
    message = f"No free port between {among.start} and {among.stop - 1} on {LOOPBACK}."
    raise StackError(message)


def free_ports(names: Iterable[str], among: range = _RANGE) -> dict[str, int]:
    """Return a free port of ``among`` for each of ``names``."""
    chosen: dict[str, int] = {}
    for name in names:
        chosen[name] = free_port(avoid=frozenset(chosen.values()), among=among)
    return chosen


def require_free(name: str, port: Port) -> None:
    """Raise ``StackError`` naming the port, and the setting that changes it, when another process
    listens there.
    """
    if is_free(port.number):
        return
    remedy = (
        f"set {port.setting} to another port" if port.setting else "start again to pick another one"
    )
    message = (
        f"{name} cannot start: port {port.number} is taken by another process; "
        f"end that process or {remedy}."
    )
    raise StackError(message)
