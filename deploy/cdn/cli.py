"""``quizrun assets``: the web client's files for a CDN or a directory that gateways share."""

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
    directory: Annotated[Path, typer.Argument(help="Where the files of all releases are kept.")],
    web_dir: Annotated[
        Path, typer.Option(envvar="QUIZRUN_WEB_DIR", help="Where the web client was built.")
    ] = WEB_DIR,
    keep: Annotated[int, typer.Option(min=1, help="How many releases are kept at least.")] = 10,
) -> None:
    """Add this release's files, and remove those of releases that are no longer kept."""
    done = publish_assets(web_dir / "assets", directory, keep=keep)
    print(f"Release {done.release}: {done.added} files added, {done.removed} removed.")
