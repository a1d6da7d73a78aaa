"""The ``quizrun`` command: the entry points of images, operators' commands, and the local stack.

Images come without the extra ``local``, so what they run is on argparse, and each command imports
what it needs when it is called: ``quizrun --help`` is quick.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from deploy.cdn import cli as assets
from deploy.commands import Commands, add_command, call
from deploy.errors import StackError
from deploy.operations import cli as operations
from deploy.terminal import report_errors
from telemetry.environment import load_settings

LOCAL_COMMANDS = {
    "up": "Start everything, and stay in the foreground until Ctrl-C.",
    "down": "Stop the running stack and wait until it has stopped.",
    "status": "Show the processes, their addresses, and whether they respond.",
    "logs": "Print the end of a process's log.",
    "env": "Print the running stack's environment, passwords included.",
    "demo": "Play a whole quiz with many players and show what happens.",
    "play": "Join a run as a player from the terminal.",
}
"""Commands of the local stack, in `deploy.local.cli`: they need the extra ``local``."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def gateway(host: str | None, port: int | None) -> None:
    """Run a gateway until SIGTERM."""
    from gateway.settings import GatewaySettings  # noqa: PLC0415

    given: dict[str, Any] = {"http_host": host, "http_port": port}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(GatewaySettings).model_copy(update=changes)
    from gateway.main import run as serve  # noqa: PLC0415 - slow; report wrong settings first

    serve(settings)


def worker() -> None:
    """Run a worker until SIGTERM."""
    from workers.settings import WorkerSettings  # noqa: PLC0415

    settings = load_settings(WorkerSettings)
    from workers.main import run as serve  # noqa: PLC0415 - slow; report wrong settings first

    serve(settings)


def migrate() -> None:
    """Migrate the database to the newest schema.

    Safe to run again, and by several processes at once.
    """
    from db.migrate import migrate_to_newest  # noqa: PLC0415
    from telemetry.settings import DatabaseSettings  # noqa: PLC0415

    migrate_to_newest(load_settings(DatabaseSettings))


def check(*, as_json: bool) -> None:
    """Connect to every server and print what was found.

    The exit code is 1 if anything is wrong.
    """
    from deploy.check.command import check as check_servers  # noqa: PLC0415

    if not check_servers(as_json=as_json):
        sys.exit(1)


def codec_server(origin: str, host: str, port: int) -> None:
    """Let the Temporal UI show histories encrypted with QUIZRUN_TEMPORAL_CODEC_KEYS."""
    from deploy.codec_server import serve  # noqa: PLC0415
    from telemetry.settings import CodecServerSettings  # noqa: PLC0415

    settings = load_settings(CodecServerSettings)
    if not settings.codec_keys:
        raise StackError("QUIZRUN_TEMPORAL_CODEC_KEYS is not set, so there is nothing to decode.")
    token = settings.codec_token.get_secret_value() if settings.codec_token else ""
    if not token and host not in LOOPBACK:
        raise StackError(
            f"Set QUIZRUN_CODEC_TOKEN, or everybody who reaches {host} could read all histories."
        )
    serve(settings.codec_keys, token, host, port, origin)


def main(arguments: list[str] | None = None) -> None:
    """Run the command that the command line names."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with report_errors():
        if arguments and arguments[0] in LOCAL_COMMANDS:
            from deploy.local.cli import app  # noqa: PLC0415 - needs the extra `local`

            app(arguments, prog_name="quizrun")
        else:
            call(parser().parse_args(arguments or ["--help"]))


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="quizrun",
        description="Live quizzes as durable workflows.",
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=18),
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_production(commands)
    operations.add_commands(commands)
    for name, text in LOCAL_COMMANDS.items():
        commands.add_parser(name, help=text, add_help=False)
    return top


def _add_production(commands: Commands[argparse.ArgumentParser]) -> None:
    serving = add_command(commands, "gateway", gateway)
    serving.add_argument("--host", help="the address to listen on, instead of QUIZRUN_HTTP_HOST")
    serving.add_argument(
        "--port", type=int, help="the port to listen on, instead of QUIZRUN_HTTP_PORT"
    )
    add_command(commands, "worker", worker)
    add_command(commands, "migrate", migrate)
    checking = add_command(commands, "check", check)
    checking.add_argument(
        "--json", dest="as_json", action="store_true", help="print JSON for programs"
    )
    codec = add_command(commands, "codec-server", codec_server)
    codec.add_argument(
        "--origin",
        default="http://localhost:8233",
        help="the Temporal UI's origin as browsers see it (default: %(default)s)",
    )
    codec.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)"
    )
    codec.add_argument(
        "--port", type=int, default=8234, help="the port to listen on (default: %(default)s)"
    )
    assets.add_commands(commands)


if __name__ == "__main__":
    main()
