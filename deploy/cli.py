"""The ``quizrun`` command: the entry points of images, and the local stack.

Everything is imported inside the commands: images come without the extra ``local``, and
``quizrun --help`` shall be quick.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cdn import cli as assets
from deploy.local import cli as local
from deploy.local.errors import StackError
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


@app.command(rich_help_panel=PRODUCTION)
def gateway(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on, instead of QUIZRUN_HTTP_HOST.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen on, instead of QUIZRUN_HTTP_PORT.")
    ] = None,
) -> None:
    """Serve players and hosts until SIGTERM."""
    from gateway.settings import GatewaySettings  # noqa: PLC0415

    given: dict[str, Any] = {"http_host": host, "http_port": port}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(GatewaySettings).model_copy(update=changes)
    from gateway.main import run as serve  # noqa: PLC0415 - slow; wrong settings are told sooner

    serve(settings)


@app.command(rich_help_panel=PRODUCTION)
def worker() -> None:
    """Carry out runs until SIGTERM."""
    from workers.settings import WorkerSettings  # noqa: PLC0415

    settings = load_settings(WorkerSettings)
    from workers.main import run as serve  # noqa: PLC0415 - as for the gateway

    serve(settings)


@app.command(rich_help_panel=PRODUCTION)
def migrate() -> None:
    """Bring the database to the newest schema. Safe to run again, and by many at once."""
    from db.migrate import migrate_to_newest  # noqa: PLC0415
    from telemetry.settings import DatabaseSettings  # noqa: PLC0415

    migrate_to_newest(load_settings(DatabaseSettings))


@app.command(rich_help_panel=PRODUCTION)
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Connect to every server and print what is there. Exit code 1 if anything is wrong."""
    from deploy.check.command import check as look  # noqa: PLC0415

    if not look(as_json=as_json):
        raise typer.Exit(1)


@app.command("codec-server", rich_help_panel=PRODUCTION)
def codec_server(
    origin: Annotated[
        str, typer.Option(help="The address of the Temporal UI, as browsers have it.")
    ] = "http://localhost:8233",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8234,
) -> None:
    """Let the Temporal UI show histories encrypted by QUIZRUN_TEMPORAL_CODEC_KEYS."""
    from deploy.codec_server import serve  # noqa: PLC0415
    from telemetry.settings import CodecSettings  # noqa: PLC0415

    keys = load_settings(CodecSettings).codec_keys
    if not keys:
        raise StackError("QUIZRUN_TEMPORAL_CODEC_KEYS is not set, so nothing is encrypted.")
    serve(keys, host, port, origin)


app.add_typer(assets.app, name="assets", rich_help_panel=PRODUCTION)
# The commands of the local stack, at the same level.
app.add_typer(local.app)


def main() -> None:
    """Run the command."""
    run(app)


if __name__ == "__main__":
    main()
