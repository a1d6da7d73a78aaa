"""The operators' commands: ``runs``, ``backup``, ``restore``, ``retention`` and ``role``."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer

from deploy.local.errors import StackError
from deploy.operations import runs
from deploy.operations.leaving import leave

File = Annotated[str, typer.Argument(help="The archive; - for standard input or output.")]


class Role(StrEnum):
    """The role of an account."""

    HOST = "host"
    ADMIN = "admin"


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands to `app`, under the help heading `panel`."""
    app.add_typer(runs.app, name="runs", rich_help_panel=panel)
    for command in (backup, restore, retention, role):
        app.command(rich_help_panel=panel)(command)


def backup(file: File) -> None:
    """Write everything in PostgreSQL to an archive, without interrupting the service.

    It contains accounts, quizzes, pictures, runs and answers: protect it like the database.
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


def restore(
    file: File,
    resume: Annotated[bool, typer.Option("--resume", help="Resume live runs at once.")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Terminate running workflows of these runs."),
    ] = False,
) -> None:
    """Load an archive into an empty database, and start a workflow for each run that was live.

    These runs are paused, with the remaining time of the moment of the backup. Either everything is
    restored or nothing.
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
        leave(1)
    print("\n".join(lines))
    leave(0)


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what is due without changing anything.")
    ] = False,
) -> None:
    """Anonymise and delete old runs by QUIZRUN_ANONYMISE_AFTER_DAYS and QUIZRUN_DELETE_AFTER_DAYS.

    Gateways do the same every ten minutes in batches; this completes it at once.
    """
    from deploy.operations.forgetting import carry_out  # noqa: PLC0415

    print(asyncio.run(carry_out(dry_run=dry_run)))


def role(
    email: Annotated[str, typer.Argument(help="The account's email address.")],
    name: Annotated[Role, typer.Argument(help="`admin` can see all accounts; `host` cannot.")],
) -> None:
    """Give an account the role admin or host."""
    from deploy.operations.roles import assign  # noqa: PLC0415

    print(asyncio.run(assign(email, name.value)))


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    """Open a file that only its owner can read, and that appears only once it is complete."""
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
