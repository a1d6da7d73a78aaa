"""Make a release: ``python -m deploy.release tag 1.2.3`` (development only; ``make release``).

Versions follow Semantic Versioning, and the changelog follows Keep a Changelog: a release turns its
section *Unreleased* into the section of the version, which also becomes the tag's message and the
release notes.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from deploy import sbom
from deploy.errors import StackError

ROOT = Path(__file__).resolve().parents[1]
UNRELEASED = "## Unreleased\n"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class ReleaseError(Exception):
    """A reason why there is no release."""


class Place(NamedTuple):
    """A place of the version: the text between the two groups of `pattern` in `file`."""

    file: str
    pattern: str


_NUMBER = r"\d+\.\d+\.\d+"
PLACES = (
    Place("pyproject.toml", rf'(^version = "){_NUMBER}(")'),
    Place("uv.lock", rf'(^name = "quizrun"\nversion = "){_NUMBER}(")'),
    Place("deploy/docker/Dockerfile", rf"(^ARG VERSION=){_NUMBER}()"),
    Place("deploy/helm/quizrun/Chart.yaml", rf"(^version: ){_NUMBER}()"),
    Place("deploy/helm/quizrun/Chart.yaml", rf"(^appVersion: ){_NUMBER}()"),
    Place("deploy/compose/make_env.py", rf'("QUIZRUN_VERSION": "){_NUMBER}(")'),
)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit with a sentence when there is no release."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("tag", "set the version, close the changelog's section, build, commit and tag"),
        ("notes", "print a version's section of the changelog"),
    ):
        commands.add_parser(name, help=text).add_argument("version")
    commands.add_parser("build", help="build packages and bills of materials into dist/")
    parsed = parser.parse_args(arguments)
    try:
        if parsed.command == "tag":
            tag(ROOT, parsed.version, today=datetime.now(UTC).date())
        elif parsed.command == "notes":
            print(notes((ROOT / "CHANGELOG.md").read_text(), parsed.version))
        else:
            build(ROOT)
    except ReleaseError as error:
        sys.exit(str(error))


def tag(root: Path, version: str, *, today: date) -> None:
    """Release the checkout at `root` as `version`: nothing is pushed."""
    check(root, version)
    changelog = root / "CHANGELOG.md"
    changelog.write_text(closed(changelog.read_text(), version, today))
    set_version(root, version)
    build(root)
    _git(root, "commit", "--quiet", "--no-verify", "--all", "--message", f"Release {version}")
    message = f"Quizrun {version}\n\n{notes(changelog.read_text(), version)}\n"
    _git(root, "tag", "--annotate", "--cleanup=verbatim", f"v{version}", "--message", message)
    print(f"Tagged v{version}. Push it: git push --follow-tags")


def check(root: Path, version: str) -> None:
    """Raise `ReleaseError` unless `version` can be the checkout's next release."""
    if not VERSION.fullmatch(version):
        raise ReleaseError(f"{version} is not a version of the form 1.2.3.")
    if _git(root, "status", "--porcelain"):
        raise ReleaseError("There are changes that are not committed.")
    if _git(root, "tag", "--list", f"v{version}"):
        raise ReleaseError(f"v{version} is tagged already.")
    if _parts(version) < _parts(current := current_version(root)):
        raise ReleaseError(f"{version} is older than {current}.")
    if not _section((root / "CHANGELOG.md").read_text(), UNRELEASED):
        raise ReleaseError("CHANGELOG.md has nothing under Unreleased.")


def closed(changelog: str, version: str, today: date) -> str:
    """The changelog with *Unreleased* turned into `version`, and a new, empty *Unreleased*."""
    return changelog.replace(UNRELEASED, f"{UNRELEASED}\n## {version} - {today.isoformat()}\n", 1)


def notes(changelog: str, version: str) -> str:
    """A version's section of the changelog, without its heading."""
    heading = re.search(rf"^## {re.escape(version)} - .*\n", changelog, re.MULTILINE)
    if heading is None:
        raise ReleaseError(f"CHANGELOG.md has no section for {version}.")
    return _section(changelog, heading[0])


def current_version(root: Path) -> str:
    """The version in ``pyproject.toml``."""
    found = re.search(PLACES[0].pattern, (root / PLACES[0].file).read_text(), re.MULTILINE)
    assert found is not None
    return found[0].removeprefix(found[1]).removesuffix(found[2])


def set_version(root: Path, version: str) -> None:
    """Write `version` to all its places."""
    for place in PLACES:
        path = root / place.file
        changed, count = re.subn(
            place.pattern, rf"\g<1>{version}\g<2>", path.read_text(), flags=re.MULTILINE
        )
        if count != 1:
            raise ReleaseError(f"{place.file} has the version {count} times.")
        path.write_text(changed)


def build(root: Path) -> None:
    """Build wheel, source distribution and bills of materials into ``dist/``."""
    shutil.rmtree(root / "dist", ignore_errors=True)
    uv = shutil.which("uv") or str(root / ".tools" / "bin" / "uv")
    done = subprocess.run(
        [uv, "build", "--quiet", "--out-dir", "dist"], cwd=root, timeout=600, check=False
    )
    if done.returncode != 0:
        raise ReleaseError("The packages could not be built.")
    try:
        sbom.write(root / "dist")
    except StackError as error:
        raise ReleaseError(str(error)) from error


def _section(changelog: str, heading: str) -> str:
    _, _, rest = changelog.partition(heading)
    return re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0].strip()


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise ReleaseError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    main()
