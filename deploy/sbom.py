"""Write bills of materials: ``python -m deploy.sbom [dist]`` (development only; ``make sbom``).

Two files in CycloneDX 1.5 say what a release consists of: the Python packages of the image, which
uv takes from uv.lock with their hashes, and the packages in the web client's build. The same commit
gives the same files.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from deploy.checks.licences import python_licences
from deploy.checks.tools import ROOT, run, uv
from deploy.errors import StackError

Bom = dict[str, Any]
WEB = ROOT / "web"
NOTICES = ("licenses.txt", "licenses-reports.txt")
"""What the web client's two builds consist of, written by Vite."""

_NOTICE = re.compile(r"^## (\S+) - (\S+) \(", re.MULTILINE)


def main() -> None:
    """Write both files into a directory, `dist` by default."""
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist")
    try:
        written = write(directory)
    except StackError as error:
        sys.exit(str(error))
    for path in written:
        print(path)


def write(directory: Path) -> list[Path]:
    """Write both files and return their paths."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for part, bom in (("python", python_bom()), ("web", web_bom(version))):
        path = directory / f"quizrun-{version}-{part}.cdx.json"
        path.write_text(json.dumps(_finished(bom), indent=1, sort_keys=True) + "\n")
        written.append(path)
    return written


def python_bom() -> Bom:
    """What the image can contain: the packages with the extra `aws`, without development tools."""
    features = "--preview-features=sbom-export"
    options = ["--frozen", "--no-dev", "--extra=aws", "--quiet", "--format=cyclonedx1.5"]
    bom: Bom = json.loads(run([uv(), "export", features, *options]))
    bom["metadata"]["component"]["type"] = "application"
    licences = dict(python_licences(metadata.distributions()))
    for one in bom["components"]:
        # Packages of other platforms are not installed here.
        if licence := licences.get(one["name"]):
            one["licenses"] = [{"expression": licence}]
    return bom


def web_bom(version: str) -> Bom:
    """What the build in ``web/dist`` contains, as npm describes it.

    Packages that it asks for are listed even if nothing of their own is left, like vue, because
    advisories use their names.
    """
    asked_for = json.loads((WEB / "package.json").read_text())["dependencies"].items()
    shipped = {one for name in NOTICES for one in _noticed(WEB / "dist" / name)} | {*asked_for}
    bom = _npm_bom(version)
    components = [one for one in bom["components"] if (one["name"], one["version"]) in shipped]
    if missing := shipped - {(one["name"], one["version"]) for one in components}:
        raise StackError(f"The build has packages that npm does not know: {sorted(missing)}")
    kept = {one["bom-ref"] for one in (*components, bom["metadata"]["component"])}
    bom["components"] = components
    bom["dependencies"] = [
        {"ref": one["ref"], "dependsOn": [ref for ref in one["dependsOn"] if ref in kept]}
        for one in bom["dependencies"]
        if one["ref"] in kept
    ]
    return bom


def _npm_bom(version: str) -> Bom:
    """All packages in the lock file: npm's ``--omit=dev`` would also omit vue."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for file in ("package.json", "package-lock.json"):
            (copy / file).write_text((WEB / file).read_text())
        # npm describes nothing without a version.
        description = json.loads((copy / "package.json").read_text())
        (copy / "package.json").write_text(json.dumps({**description, "version": version}))
        options = ["--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"]
        node = [sys.executable, "-m", "deploy.local.node"]
        printed = run([*node, "npm", "sbom", "--prefix", name, *options])
    bom: Bom = json.loads(printed)
    bom["metadata"]["component"]["name"] = description["name"]
    return bom


def _noticed(file: Path) -> Iterable[tuple[str, str]]:
    if not file.exists():
        raise StackError(f"{file.relative_to(ROOT)} is missing; run `make web` first.")
    return _NOTICE.findall(file.read_text())


def _finished(bom: Bom) -> Bom:
    """The bill with the commit's time, and a number that follows from its content."""
    bom["components"].sort(key=lambda one: one["bom-ref"])
    bom["metadata"]["timestamp"] = _commit_time().isoformat().replace("+00:00", "Z")
    bom.pop("serialNumber")
    bom["serialNumber"] = f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps(bom, sort_keys=True))}"
    return bom


def _commit_time() -> datetime:
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or subprocess.run(
        ["git", "log", "-1", "--format=%ct"],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=30,
    ).stdout  # fmt: skip
    return datetime.fromtimestamp(int(seconds), UTC)


if __name__ == "__main__":
    main()
