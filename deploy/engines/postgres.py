"""Debian's PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from deploy.local import postgres
from deploy.local.child import ChildSpec
from deploy.local.debian import program

START_TIMEOUT_S = 60.0


def postgres_spec(name: str, data_dir: Path, port: int, password: str) -> ChildSpec:
    """Initialise the data directory if it is new, and return how to run the server `name` on it.

    Blocks while apt-get installs `postgresql` if it is missing. Raises `StackError`.
    """
    programs = Path(program("initdb", "postgresql")).resolve().parent
    # Releases before 17 have no built-in locale; this one comes with Debian's C library.
    return postgres.postgres_spec(
        data_dir, port, password, name=name, programs=programs, locale=["--locale=C.UTF-8"]
    )
