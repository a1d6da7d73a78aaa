"""Files of the web client outlive their release, but not forever."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.cdn.assets import MIN_AGE_S, publish
from deploy.errors import StackError

DAY_S = 86_400


def build(directory: Path, **files: str) -> Path:
    for old in directory.glob("*"):
        old.unlink()
    directory.mkdir(exist_ok=True)
    for name, content in files.items():
        (directory / f"{name}.js").write_text(content)
    return directory


def names(directory: Path) -> set[str]:
    return {path.stem for path in directory.glob("*.js")}


def test_files_of_earlier_releases_stay(tmp_path: Path) -> None:
    shared, built = tmp_path / "shared", tmp_path / "built"
    publish(build(built, a1="old", common="same"), shared)
    done = publish(build(built, a2="new", common="same"), shared)
    assert names(shared) == {"a1", "a2", "common"}
    assert (done.added, done.removed) == (1, 0)


def test_publishing_a_release_again_changes_nothing(tmp_path: Path) -> None:
    shared, built = tmp_path / "shared", build(tmp_path / "built", a1="x")
    first = publish(built, shared)
    again = publish(built, shared)
    assert (again.release, again.added, again.removed) == (first.release, 0, 0)


def test_files_are_removed_once_no_kept_release_needs_them(tmp_path: Path) -> None:
    shared, built = tmp_path / "shared", tmp_path / "built"
    start = 1_000_000_000.0
    for number in range(4):
        publish(
            build(built, **{f"a{number}": "x", "common": "same"}),
            shared,
            keep=2,
            now=start + number * (MIN_AGE_S + DAY_S),
        )
    assert names(shared) == {"a2", "a3", "common"}


def test_all_releases_of_the_last_week_are_kept(tmp_path: Path) -> None:
    shared, built = tmp_path / "shared", tmp_path / "built"
    for number in range(4):
        publish(build(built, **{f"a{number}": "x"}), shared, keep=1, now=1e9 + number * DAY_S)
    assert names(shared) == {"a0", "a1", "a2", "a3"}


def test_a_directory_without_built_files_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="make web"):
        publish(tmp_path / "nothing", tmp_path / "shared")
    assert not (tmp_path / "shared").exists()
