"""``quizrun assets``: publish the web client's files for a CDN or several gateways."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from deploy.cdn.assets import publish as publish_assets
from deploy.commands import Commands, add_command, add_group

WEB_DIR = Path(__file__).resolve().parents[2] / "web" / "dist"


def add_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``assets publish``."""
    group = add_group(commands, "assets", "Publish the web client's files.")
    publishing = add_command(group, "publish", publish)
    publishing.add_argument(
        "directory", type=Path, help="the directory that keeps the files of several releases"
    )
    publishing.add_argument(
        "--web-dir",
        type=Path,
        default=Path(os.environ.get("QUIZRUN_WEB_DIR", WEB_DIR)),
        help="the built web client (default: QUIZRUN_WEB_DIR, or %(default)s)",
    )
    publishing.add_argument(
        "--keep",
        type=_at_least_one,
        default=10,
        help="how many releases to keep at least (default: %(default)s)",
    )


def publish(directory: Path, web_dir: Path, keep: int) -> None:
    """Add this release's files, and remove those of releases that are no longer kept."""
    done = publish_assets(web_dir / "assets", directory, keep=keep)
    print(f"Release {done.release}: {done.added} files added, {done.removed} removed.")


def _at_least_one(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
