"""The local stack's commands, part of ``quizrun``. Heavy imports, and those of the extra ``local``,
are inside the commands.
"""

from __future__ import annotations

import asyncio
import importlib
import shlex
import sys
import time
from typing import Annotated, Any

import typer

from deploy.errors import StackError
from deploy.local import processes
from deploy.local.settings import Settings
from deploy.local.state import read_state, running_stack
from deploy.terminal import report_errors

app = typer.Typer(
    help="Run Quizrun on this machine: real servers, no containers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# For commands whose options are declared in a module that only they need.
_PASS_ON: dict[str, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}


@app.command()
def up(
    gateways: Annotated[
        int,
        typer.Option(
            min=1, help="The number of gateways; the k-th listens on QUIZRUN_HTTP_PORT + k - 1."
        ),
    ] = 1,
    workers: Annotated[int, typer.Option(min=1, help="The number of Temporal workers.")] = 1,
    sample: Annotated[
        bool | None,
        typer.Option(
            help="Create a demo account with sample quizzes; by default only if no other machine "
            "can reach the stack and the database is the embedded one."
        ),
    ] = None,
    monitoring: Annotated[
        bool, typer.Option("--monitoring", help="Also run Prometheus and Alertmanager.")
    ] = False,
    lan: Annotated[
        bool, typer.Option("--lan", help="Allow phones on this network, and print a QR code.")
    ] = False,
) -> None:
    """Start everything and stay in the foreground until Ctrl-C."""
    from deploy.local.application import Commands  # noqa: PLC0415
    from deploy.local.lan import on_the_lan  # noqa: PLC0415
    from deploy.local.up import Size, Up  # noqa: PLC0415

    asyncio.run(
        Up(
            on_the_lan(Settings()) if lan else Settings(),
            Size(gateways=gateways, workers=workers, sample=sample, monitoring=monitoring),
            Commands(),
        ).run()
    )


@app.command()
def down() -> None:
    """Stop the running stack and wait until it has stopped."""
    data_dir = Settings().data_dir
    state = read_state(data_dir)
    if not processes.end(state.supervisor_pid, state.supervisor_mark, grace_s=60.0):
        raise StackError(f"No stack is running in {data_dir}.")
    print("Stopped.")


@app.command()
def status() -> None:
    """Show the processes, their addresses and whether they respond. Exit code 1 unless all do."""
    from deploy.local import show  # noqa: PLC0415
    from deploy.local.probe import responds  # noqa: PLC0415

    state = read_state(Settings().data_dir)
    if not state.running:
        raise StackError(f"No stack is running in {Settings().data_dir}; start one with `make up`.")

    async def check() -> dict[str, str]:
        found = await asyncio.gather(*(responds(one.health_url) for one in state.processes))
        return {
            one.name: "up"
            if ok
            else "silent"
            if processes.is_running(one.pid, one.birth_mark)
            else "down"
            for one, ok in zip(state.processes, found, strict=True)
        }

    health = asyncio.run(check())
    show.console().print(show.status(state, health))
    if set(health.values()) != {"up"}:
        raise typer.Exit(1)


@app.command()
def logs(
    name: Annotated[
        str, typer.Argument(help="A process from `quizrun status`, such as gateway-1.")
    ],
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, help="The number of lines from the end.")
    ] = 40,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Follow new lines until Ctrl-C.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the lines unformatted.")] = False,
) -> None:
    """Print the end of a process's log; its path goes to stderr."""
    from deploy.local.logs import Follower, readable, tail  # noqa: PLC0415

    directory = Settings().data_dir / "logs"
    path = directory / f"{name}.log"
    if not path.exists():
        known = ", ".join(sorted(one.stem for one in directory.glob("*.log"))) or "none yet"
        raise StackError(f"There is no log for '{name}'. Available: {known}.")
    print(path, file=sys.stderr)
    shown = str if json else readable
    with Follower(path) as coming:
        for line in tail(path, lines, to_byte=coming.position):
            print(shown(line))
        while follow:
            for line in coming.lines():
                print(shown(line), flush=True)
            time.sleep(0.3)


@app.command()
def env() -> None:
    """Print the running stack's environment, including passwords: eval "$(quizrun env)"."""
    for variable, value in running_stack(Settings().data_dir).env.items():
        print(f"export {variable}={shlex.quote(value)}")


@app.command(context_settings=_PASS_ON)
def demo(context: typer.Context) -> None:
    """Play a whole quiz with many players and show what happens."""
    _hand_over(context, "deploy.local.demo", "demo_command")


@app.command(context_settings=_PASS_ON)
def play(context: typer.Context) -> None:
    """Join a run as a player from the terminal."""
    _hand_over(context, "deploy.local.play", "play_command")


def _hand_over(context: typer.Context, module: str, function: str) -> None:
    """Run ``function`` of ``module`` as the command, with its own options and --help."""
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(getattr(importlib.import_module(module), function))
    command(args=context.args, prog_name=f"quizrun {context.info_name}")


if __name__ == "__main__":
    with report_errors():
        app()
