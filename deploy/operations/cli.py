"""Operators' commands: ``runs``, ``backup``, ``restore``, ``retention``, ``role``, ``reseal``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO

from deploy.commands import Commands, add_command
from deploy.errors import StackError
from deploy.operations import runs
from deploy.operations.exiting import exit_now


class Role(StrEnum):
    """The roles of an account."""

    HOST = "host"
    ADMIN = "admin"


def add_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the operators' commands."""
    runs.add_commands(commands)
    archive = "the archive; - is standard input or output"
    add_command(commands, "backup", backup).add_argument("file", help=archive)
    restoring = add_command(commands, "restore", restore)
    restoring.add_argument("file", help=archive)
    restoring.add_argument(
        "--resume",
        action="store_true",
        help="resume live runs at once; by default their hosts resume them",
    )
    restoring.add_argument(
        "--replace", action="store_true", help="terminate workflows of these runs that are running"
    )
    add_command(commands, "retention", retention).add_argument(
        "--dry-run", action="store_true", help="only report what is due"
    )
    add_command(commands, "reseal", reseal)
    giving = add_command(commands, "role", role)
    giving.add_argument("email", help="the account's email address")
    giving.add_argument(
        "name",
        type=Role,
        choices=list(Role),
        metavar="{host,admin}",
        help="`admin` sees all accounts; `host` does not",
    )


def backup(file: str) -> None:
    """Write a consistent snapshot of PostgreSQL to one archive, without stopping anything.

    It holds accounts, quizzes, pictures, runs and answers: protect it like the database itself.
    """
    import psycopg  # noqa: PLC0415

    from db.engine import database_url_of  # noqa: PLC0415
    from deploy.operations.backup import back_up  # noqa: PLC0415
    from deploy.operations.wiring import operator_settings  # noqa: PLC0415

    url = database_url_of(operator_settings())
    try:
        with _written(file) as stream:
            sums = back_up(url, stream, lambda table: _note(f"{table}…"))
    except psycopg.Error as error:
        raise StackError(f"The backup failed: {_first_line(error)}.") from error
    except OSError as error:
        raise StackError(f"{file} cannot be written: {error.strerror or error}.") from error
    for table, rows in sums.rows.items():
        _note(f"{table}: {rows} rows")


def restore(file: str, *, resume: bool, replace: bool) -> None:
    """Load an archive into an empty database, and start a workflow for each run that was live.

    These runs are paused; their questions keep the time that was left when the backup was made.
    Either everything is restored or nothing is.
    """
    from deploy.operations.restoring import carry_out  # noqa: PLC0415
    from deploy.operations.runs import log_to_stderr, operator_name  # noqa: PLC0415

    log_to_stderr()
    try:
        with _read(file) as stream:
            lines = asyncio.run(
                carry_out(
                    stream, operator=operator_name(), resume=resume, replace=replace, report=_note
                )
            )
    except OSError as error:
        raise StackError(f"{file} cannot be read: {error.strerror or error}.") from error
    except StackError as error:
        print(error, file=sys.stderr)
        exit_now(1)
    print("\n".join(lines))
    exit_now(0)


def retention(*, dry_run: bool) -> None:
    """Anonymise and delete old runs by QUIZRUN_ANONYMISE_AFTER_DAYS and QUIZRUN_DELETE_AFTER_DAYS.

    Gateways do the same in the background; this command does all of it at once.
    """
    from deploy.operations.retention import carry_out  # noqa: PLC0415

    print(asyncio.run(carry_out(dry_run=dry_run)))


def role(email: str, name: Role) -> None:
    """Give an account the role admin or host."""
    from deploy.operations.roles import assign  # noqa: PLC0415

    print(asyncio.run(assign(email, name.value)))


def reseal() -> None:
    """Encrypt stored secrets with QUIZRUN_SECRET, before an old one is retired.

    Secrets that are encrypted with one of QUIZRUN_ACCEPTED_SECRETS are encrypted again.
    """
    from deploy.operations.resealing import carry_out  # noqa: PLC0415

    print(asyncio.run(carry_out()))


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    """A file that only its owner can read, renamed into place once it is complete."""
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    if path.exists():
        raise StackError(f"{file} already exists; backups are not overwritten.")
    partial = path.with_name(path.name + ".partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _read(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as stream:
        yield stream


def _note(text: str) -> None:
    # Standard output may be the archive.
    print(text, file=sys.stderr)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
