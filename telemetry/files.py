"""How many files, and so sockets, a process may have open."""

from __future__ import annotations

import resource


def raise_file_limit() -> int:
    """Lift the limit to what the system lets us have, and return it: shells commonly start
    processes with 1,024, however many they could have.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
