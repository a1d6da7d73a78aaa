"""The limit of open files, and so of sockets, of a process."""

from __future__ import annotations

import resource


def raise_file_limit() -> int:
    """Raise the soft limit of open files, commonly 1,024, to the hard limit; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
