"""Publish the web client's hashed files to a directory that several releases share.

Pages refer to files by content hash, and browsers keep pages open across deployments. A file
therefore stays as long as a kept release needs it. Nothing is ever overwritten, so a CDN needs no
purge.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import StackError

RELEASES = ".releases"
"""The directory with each release's list of files; no page requests it."""
MIN_AGE_S = 7 * 86_400
"""Younger releases are kept regardless of their number: pages stay open for days."""


@dataclass(frozen=True, slots=True)
class Published:
    """The result of `publish`."""

    release: str
    added: int
    removed: int


def publish(built: Path, directory: Path, *, keep: int = 10, now: float | None = None) -> Published:
    """Copy the files in `built` to `directory`, and remove files that no kept release needs.

    Keeps the last `keep` releases and all younger than a week. Idempotent and safe to interrupt:
    files appear atomically. Raises `StackError` if `built` has no files.
    """
    files = sorted(path for path in built.iterdir() if path.is_file()) if built.is_dir() else []
    if not files:
        raise StackError(f"There are no built files in {built}. Run `make web` first.")
    releases = directory / RELEASES
    releases.mkdir(parents=True, exist_ok=True)
    added = sum(_copy(path, directory / path.name) for path in files)
    names = [path.name for path in files]
    release = hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
    moment = time.time() if now is None else now
    _write(releases / f"{release}.json", {"published_at": moment, "files": names})
    return Published(release, added, _prune(directory, keep, moment))


def _copy(source: Path, target: Path) -> bool:
    if target.exists():
        return False
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(0o644)
    unfinished.replace(target)
    return True


def _write(path: Path, content: dict[str, object]) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(content))
    unfinished.replace(path)


def _prune(directory: Path, keep: int, now: float) -> int:
    lists = {path: json.loads(path.read_text()) for path in (directory / RELEASES).glob("*.json")}
    newest_first = sorted(lists, key=lambda path: lists[path]["published_at"], reverse=True)
    old = [path for path in newest_first[keep:] if now - lists[path]["published_at"] > MIN_AGE_S]
    needed = {name for path in lists.keys() - set(old) for name in lists[path]["files"]}
    removed = 0
    for name in {name for path in old for name in lists[path]["files"]} - needed:
        (directory / name).unlink(missing_ok=True)
        removed += 1
    for path in old:
        path.unlink()
    return removed
