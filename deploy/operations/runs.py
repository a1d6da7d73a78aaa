"""``quizrun runs``: inspect runs, control them for their hosts, and repair them."""

from __future__ import annotations

import asyncio
import getpass
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NoReturn

import typer

from deploy.local.errors import StackError
from deploy.operations.leaving import leave

STALLED = DIFFERS = 3
"""The exit code if something is wrong with the run."""

app = typer.Typer(
    help="Inspect runs, control them for their hosts, and repair them.", no_args_is_help=True
)

Run = Annotated[str, typer.Argument(help="A run id, a prefix of one, or a PIN.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[
    str, typer.Option(help="The operator to record; you by default.", show_default=False)
]


@app.command("list")
def list_runs(
    every: Annotated[bool, typer.Option("--all", help="Include runs that are over.")] = False,
    phase: Annotated[
        str | None, typer.Option(help="lobby, starting, question, reveal, finished or cancelled.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="A host's email address or account id.")] = None,
    stalled: Annotated[bool, typer.Option(help="Only stalled runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """List runs, latest first, from PostgreSQL alone; `show` asks all servers."""
    from deploy.operations import show  # noqa: PLC0415
    from gateway.operations.diagnosis import at_a_glance  # noqa: PLC0415

    async def work(ops: Any) -> None:
        over = phase in ("finished", "cancelled")
        reports = await ops.inspector.runs(live=not every and not over, phase=phase, host=host)
        found = [(report, at_a_glance(report)) for report in reports]
        if stalled:
            found = [pair for pair in found if pair[1].verdict == "stalled"]
        if as_json:
            _print_json([{**one.as_json(), "diagnosis": why.model_dump()} for one, why in found])
        elif found:
            show.console().print(show.runs_table(found))
        else:
            print("No runs found.")

    _with_operations(work)


@app.command("show")
def show_run(run: Run, as_json: AsJson = False) -> None:
    """Show everything known about a run, and why it is in its current state.

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
            console = show.console()
            console.print(show.diagnosis_text(diagnosis))
            console.print()
            console.print(show.run_table(report))
        return STALLED if diagnosis.verdict == "stalled" else 0

    _with_operations(work)


@app.command()
def pause(run: Run, by: By = "", key: str | None = None, as_json: AsJson = False) -> None:
    """Pause a run, as its host would. Paused time counts for no player."""
    _command("pause", run, by, key, as_json=as_json)


@app.command()
def resume(run: Run, by: By = "", key: str | None = None, as_json: AsJson = False) -> None:
    """Resume a paused run with the remaining time."""
    _command("resume", run, by, key, as_json=as_json)


@app.command()
def end(
    run: Run,
    by: By = "",
    key: str | None = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
) -> None:
    """End a run now. Answers given so far count. This cannot be undone."""
    if not yes:
        typer.confirm(f"End the run {run} for all its players?", abort=True)
    _command("end", run, by, key, as_json=as_json)


@app.command()
def repair(  # noqa: PLR0913, PLR0917  (each is an option of the command)
    run: Run,
    redis: Annotated[
        bool, typer.Option("--redis", help="Write snapshot and leaderboard to Redis again.")
    ] = False,
    events: Annotated[
        bool, typer.Option("--events", help="Republish the latest event, answers and scores.")
    ] = False,
    rescore: Annotated[
        bool, typer.Option("--rescore", help="Recompute all points and compare them.")
    ] = False,
    workflow: Annotated[
        bool, typer.Option("--workflow", help="Start a new, paused workflow from the stored state.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --workflow: terminate a running one.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Apply the repair; without it, nothing is changed.")
    ] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Repair a run from PostgreSQL. Without --apply, only print what would be done."""
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
                reason = f"No response from {', '.join(down)}." if down else error.message
            except StackError as error:
                reason = str(error)
            print(reason, file=sys.stderr)
            return 1

    log_to_stderr()
    settings = operator_settings()
    leave(asyncio.run(run()))


def log_to_stderr() -> None:
    """Log to standard error: standard output is for results."""
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
    """Return the name of the user who runs this command."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "unknown"
    return f"{name}@{socket.gethostname()}"


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
