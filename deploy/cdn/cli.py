"""``quizrun assets``: publish the web client's files for a CDN or several gateways."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.cdn.assets import publish as publish_assets

WEB_DIR = Path(__file__).resolve().parents[2] / "web" / "dist"

app = typer.Typer(help="Publish the web client's files.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `publish` a subcommand although it is the only one."""


@app.command()
def publish(
    directory: Annotated[
        Path, typer.Argument(help="The directory with the files of all releases.")
    ],
    web_dir: Annotated[
        Path,
        typer.Option(envvar="QUIZRUN_WEB_DIR", help="The directory with the built web client."),
    ] = WEB_DIR,
    keep: Annotated[int, typer.Option(min=1, help="The minimum number of releases to keep.")] = 10,
) -> None:
    """Add this release's files and remove those of releases that are no longer kept."""
    done = publish_assets(web_dir / "assets", directory, keep=keep)
    print(f"Release {done.release}: {done.added} files added, {done.removed} removed.")
