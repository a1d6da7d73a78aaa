"""A release has one version everywhere, and its notes are the changelog's section."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest

from deploy import release
from deploy.release import PLACES, ReleaseError, closed, current_version, notes

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 3, 1)
CHANGELOG = """# Changelog

## Unreleased

### Added

- Something new.

## 0.1.0 - 2026-01-01

- The first one.
"""


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the project's files that contain its version."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    for file in {place.file for place in PLACES}:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def test_the_version_is_the_same_everywhere() -> None:
    version = current_version(ROOT)
    for place in PLACES:
        found = re.search(place.pattern, (ROOT / place.file).read_text(), re.MULTILINE)
        assert found is not None, place
        assert f"{found[1]}{version}{found[2]}" == found[0], place


def test_a_release_is_a_commit_and_a_tag_with_the_notes(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Path] = []
    monkeypatch.setattr(release, "build", built.append)
    release.tag(checkout, "0.2.0", today=TODAY)
    assert built == [checkout]
    assert current_version(checkout) == "0.2.0"
    assert git(checkout, "status", "--porcelain") == ""
    message = git(checkout, "tag", "--list", "--format=%(contents)", "v0.2.0")
    assert message.startswith("Quizrun 0.2.0\n\n### Added\n\n- Something new.")
    assert "The first one" not in message
    assert "appVersion: 0.2.0" in (checkout / "deploy/helm/quizrun/Chart.yaml").read_text()


def test_closing_the_changelog_leaves_an_empty_section_for_what_comes() -> None:
    text = closed(CHANGELOG, "0.2.0", TODAY)
    assert "## Unreleased\n\n## 0.2.0 - 2026-03-01\n\n### Added" in text
    assert notes(text, "0.2.0") == "### Added\n\n- Something new."
    assert notes(text, "0.1.0") == "- The first one."


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("0.2", "not a version of the form"),
        ("0.0.9", "older than"),
        ("0.1.1", "tagged already"),
    ],
)
def test_wrong_versions_are_refused(checkout: Path, version: str, reason: str) -> None:
    git(checkout, "tag", "v0.1.1")
    with pytest.raises(ReleaseError, match=reason):
        release.check(checkout, version)


def test_nothing_is_released_without_a_changelog_or_with_open_changes(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    with pytest.raises(ReleaseError, match="not committed"):
        release.check(checkout, "0.2.0")
    git(checkout, "commit", "--quiet", "--all", "--message", "Say nothing")
    with pytest.raises(ReleaseError, match="nothing under Unreleased"):
        release.check(checkout, "0.2.0")


def test_the_wheel_has_every_package_and_what_they_read(tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path)],
        cwd=ROOT,
        check=True,
        timeout=100,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench", "tests"}
    assert {name.split("/")[0] for name in names if name.endswith("/__init__.py")} == packages
    committed = git(ROOT, "ls-files", *(f"{package}/" for package in sorted(packages))).split("\n")
    needed = {name for name in committed if name.startswith(("db/migrations", "gateway/"))}
    assert needed - {""} <= names
