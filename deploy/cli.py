"""The ``quizrun`` command: entry points for production, and the local stack.

Commands import what they need themselves: images lack the extra ``local``, and ``quizrun --help``
should be fast.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cdn import cli as assets
from deploy.local import cli as local
from deploy.local.errors import StackError
from deploy.operations import cli as operations
from deploy.terminal import run
from telemetry.environment import load_settings

app = typer.Typer(
    name="quizrun",
    help="Live quizzes as durable workflows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PRODUCTION = "In production"
OPERATORS = "For operators"


@app.command(rich_help_panel=PRODUCTION)
def gateway(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on, instead of QUIZRUN_HTTP_HOST.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen on, instead of QUIZRUN_HTTP_PORT.")
    ] = None,
) -> None:
    """Run a gateway until SIGTERM."""
    from gateway.settings import GatewaySettings  # noqa: PLC0415

    given: dict[str, Any] = {"http_host": host, "http_port": port}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(GatewaySettings).model_copy(update=changes)
    from gateway.main import run as serve  # noqa: PLC0415 - slow; wrong settings are told sooner

    serve(settings)


@app.command(rich_help_panel=PRODUCTION)
def worker() -> None:
    """Run a worker until SIGTERM."""
    from workers.settings import WorkerSettings  # noqa: PLC0415

    settings = load_settings(WorkerSettings)
    from workers.main import run as serve  # noqa: PLC0415 - as for the gateway

    serve(settings)


@app.command(rich_help_panel=PRODUCTION)
def migrate() -> None:
    """Migrate the database to the latest schema. Safe to repeat and to run concurrently."""
    from db.migrate import migrate_to_newest  # noqa: PLC0415
    from telemetry.settings import DatabaseSettings  # noqa: PLC0415

    migrate_to_newest(load_settings(DatabaseSettings))


@app.command(rich_help_panel=PRODUCTION)
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Connect to every server and print the findings. Exit code 1 if anything is wrong."""
    from deploy.check.command import check as look  # noqa: PLC0415

    if not look(as_json=as_json):
        raise typer.Exit(1)


@app.command("codec-server", rich_help_panel=PRODUCTION)
def codec_server(
    origin: Annotated[
        str, typer.Option(help="The URL of the Temporal UI in browsers.")
    ] = "http://localhost:8233",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8234,
) -> None:
    """Run a codec server, so that the Temporal UI can show encrypted histories."""
    from deploy.codec_server import serve  # noqa: PLC0415
    from telemetry.settings import CodecSettings  # noqa: PLC0415

    keys = load_settings(CodecSettings).codec_keys
    if not keys:
        raise StackError("QUIZRUN_TEMPORAL_CODEC_KEYS is not set, so there is nothing to decode.")
    serve(keys, host, port, origin)


operations.register(app, OPERATORS)
app.add_typer(assets.app, name="assets", rich_help_panel=PRODUCTION)
# The local stack's commands, at the top level.
app.add_typer(local.app)


def main() -> None:
    """Run the command."""
    run(app)


if __name__ == "__main__":
    main()
