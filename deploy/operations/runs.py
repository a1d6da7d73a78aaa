"""``quizrun runs``: inspect runs, act on their host's behalf, repair them."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from deploy.commands import Commands, add_command, add_group
from deploy.errors import StackError
from deploy.operations.exiting import exit_now

STALLED = DIFFERS = 3
"""The exit code if something is wrong with the run."""


def add_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``runs`` with its subcommands."""
    group = add_group(commands, "runs", "Inspect runs, act on their host's behalf, repair them.")
    _add_list(group)
    _add_run_options(add_command(group, "show", show_run))
    for name, function in (("pause", pause), ("resume", resume), ("end", end)):
        parser = add_command(group, name, function)
        _add_run_options(parser)
        _add_operator(parser)
        parser.add_argument("--key", help="repeating a command with the same key has no effect")
        if function is end:
            parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
    _add_repair(group)


def _add_list(group: Commands[argparse.ArgumentParser]) -> None:
    parser = add_command(group, "list", list_runs)
    parser.add_argument(
        "--all", dest="every", action="store_true", help="include runs that are over"
    )
    parser.add_argument("--phase", help="lobby, starting, question, reveal, finished or cancelled")
    parser.add_argument("--host", help="a host's email address or account id")
    parser.add_argument(
        "--stalled", action="store_true", help="only runs that should have moved on"
    )
    _add_json(parser)


def _add_repair(group: Commands[argparse.ArgumentParser]) -> None:
    parser = add_command(group, "repair", repair)
    _add_run_options(parser)
    _add_operator(parser)
    for flag, text in (
        ("--redis", "write snapshot and leaderboard to Redis again"),
        ("--events", "publish the latest event, answers and scores again"),
        ("--rescore", "compare all points with the scoring rules"),
        ("--workflow", "start a new workflow from the stored state, paused"),
        ("--replace", "with --workflow: terminate one that is running"),
        ("--apply", "make the changes; without it nothing is changed"),
    ):
        parser.add_argument(flag, action="store_true", help=text)


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="a run id, the beginning of one, or a PIN")
    _add_json(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print JSON for programs"
    )


def _add_operator(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", default="", help="the operator's name in the record (default: you)")


def list_runs(
    *, every: bool, phase: str | None, host: str | None, stalled: bool, as_json: bool
) -> None:
    """List runs as stored in PostgreSQL, the latest first.

    `show` asks all servers.
    """
    from deploy.operations import show  # noqa: PLC0415
    from gateway.operations.diagnosis import quick_diagnosis  # noqa: PLC0415

    async def work(ops: Any) -> None:
        over = phase in ("finished", "cancelled")
        reports = await ops.inspector.runs(live=not every and not over, phase=phase, host=host)
        found = [(report, quick_diagnosis(report)) for report in reports]
        if stalled:
            found = [pair for pair in found if pair[1].verdict == "stalled"]
        if as_json:
            _print_json([{**one.as_json(), "diagnosis": why.model_dump()} for one, why in found])
        elif found:
            print(show.runs_table(found))
        else:
            print("No such run.")

    _with_operations(work)


def show_run(run: str, *, as_json: bool) -> None:
    """Show everything known about a run, and what it is waiting for.

    The exit code is 3 if the run has stalled.
    """
    from deploy.operations import show  # noqa: PLC0415
    from gateway.operations.diagnosis import diagnose  # noqa: PLC0415

    async def work(ops: Any) -> int:
        report = await ops.inspector.report(await _resolve(ops, run))
        diagnosis = diagnose(report)
        if as_json:
            _print_json({**report.as_json(), "diagnosis": diagnosis.model_dump()})
        else:
            print(show.diagnosis_text(diagnosis), show.run_table(report), sep="\n\n")
        return STALLED if diagnosis.verdict == "stalled" else 0

    _with_operations(work)


def pause(run: str, by: str, key: str | None, *, as_json: bool) -> None:
    """Pause a run, as its host would.

    Paused time is not counted against any player.
    """
    _command("pause", run, by, key, as_json=as_json)


def resume(run: str, by: str, key: str | None, *, as_json: bool) -> None:
    """Resume a paused run with the time that was left."""
    _command("resume", run, by, key, as_json=as_json)


def end(run: str, by: str, key: str | None, *, yes: bool, as_json: bool) -> None:
    """End a run now, for good.

    Answers given so far count.
    """
    if not yes and not _confirmed(f"End the run {run} for all its players?"):
        raise StackError("Not ended.")
    _command("end", run, by, key, as_json=as_json)


def repair(  # noqa: PLR0913  (each is an option of the command)
    run: str,
    by: str,
    *,
    redis: bool,
    events: bool,
    rescore: bool,
    workflow: bool,
    replace: bool,
    apply: bool,
    as_json: bool,
) -> None:
    """Repair a run from what PostgreSQL has stored.

    Without --apply, report what would be done.
    """
    from deploy.operations.repairing import Wanted, carry_out  # noqa: PLC0415

    wanted = Wanted(redis=redis, events=events, rescore=rescore, workflow=workflow, replace=replace)
    if not wanted.any:
        raise StackError("Say what to repair: --redis, --events, --rescore or --workflow.")

    async def work(ops: Any) -> int:
        run_id = await _resolve(ops, run)
        found = await carry_out(ops, run_id, wanted, apply=apply, operator=by or operator_name())
        if as_json:
            _print_json(found.as_json())
        else:
            print("\n".join(found.lines))
        return DIFFERS if found.differs else 0

    _with_operations(work)


def _command(name: Any, run: str, by: str, key: str | None, *, as_json: bool) -> None:
    async def work(ops: Any) -> None:
        run_id = await _resolve(ops, run)
        state = await ops.commands.carry_out(by or operator_name(), run_id, name, key=key)
        if as_json:
            _print_json({"run_id": run_id, "state": state and state.model_dump(mode="json")})
        elif state is None:
            print("The run no longer had a workflow. It was cancelled with the standings so far.")
        else:
            print(f"Done: {state.phase.value}{' (paused)' if state.paused else ''}.")

    _with_operations(work)


def _confirmed(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


async def _resolve(ops: Any, named: str) -> str:
    run_id: str | None = await ops.live_runs.resolve(named)
    if run_id is None:
        raise StackError(f"No run, or more than one, matches {named}.")
    return run_id


def _with_operations(work: Callable[[Any], Awaitable[int | None]]) -> NoReturn:
    """Run `work` with the operators' dependencies, and exit with the code that it returns (None:
    0). Errors are printed as sentences.
    """
    from deploy.operations.wiring import operations, operator_settings  # noqa: PLC0415
    from gateway.operations.diagnosis import server_name  # noqa: PLC0415
    from quiz.errors import ErrorCode, QuizrunError  # noqa: PLC0415

    async def run() -> int:
        async with operations(settings) as ops:
            try:
                return await work(ops) or 0
            except QuizrunError as error:
                down = []
                if error.code is ErrorCode.UNAVAILABLE:
                    servers = await ops.inspector.servers()
                    down = [server_name(one.name) for one in servers if not one.ok]
                reason = f"No reply from {', '.join(down)}." if down else error.message
            except StackError as error:
                reason = str(error)
            print(reason, file=sys.stderr)
            return 1

    log_to_stderr()
    settings = operator_settings()
    exit_now(asyncio.run(run()))


def log_to_stderr() -> None:
    """Log to standard error, so that standard output has the result alone."""
    import logging  # noqa: PLC0415

    import structlog  # noqa: PLC0415

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def operator_name() -> str:
    """Return the recorded name of the user who runs this command: ``user@host``."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "unknown"
    return f"{name}@{socket.gethostname()}"


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
