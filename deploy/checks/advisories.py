"""Look for known vulnerabilities in what is locked: ``python -m deploy.checks.advisories``.

uv sends all of uv.lock to OSV in one request, and npm sends each package-lock.json to its registry.
A source that does not answer within seconds is named as not checked. That fails the check only with
``--required``, which `make audit` uses, so that nobody takes silence for safety.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from deploy.checks.tools import ROOT, uv
from deploy.local.node import node_directory

_RIVALS = ("bench/rivals/node", "bench/rivals/uws", "bench/rivals/bun")
LOCKS = ("web", "tests/clients", *_RIVALS)
TIMEOUT_S = 20
ATTEMPT_S = 5

# Advisories that do not affect us, with the reason: {"GHSA-…": "only on Windows"}.
IGNORED: Mapping[str, str] = {}


class NotCheckedError(Exception):
    """No answer from a source of advisories."""


class Finding(NamedTuple):
    """A known vulnerability of a locked package."""

    package: str
    advisory: str
    summary: str


def main(arguments: list[str] | None = None) -> None:
    """Print what each lock file is known for; exit with code 1 on a finding."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--required", action="store_true", help="fail if a source is unreachable")
    required = parser.parse_args(arguments).required
    with ThreadPoolExecutor() as pool:
        checks = {"uv.lock": pool.submit(python_findings)}
        checks |= {f"{one}/package-lock.json": pool.submit(npm_findings, one) for one in LOCKS}
    failed = False
    for name, check in checks.items():
        try:
            found = [one for one in check.result() if one.advisory not in IGNORED]
        except NotCheckedError as reason:
            failed |= required
            print(f"{name}: not checked: no network to the advisories ({reason})")
            continue
        failed |= bool(found)
        print(f"{name}: {len(found) or 'no'} known vulnerabilities")
        for one in found:
            print(f"  {one.package}: {one.advisory} {one.summary}")
    sys.exit(failed)


def python_findings(*options: str) -> list[Finding]:
    """What OSV knows about uv.lock, development tools included."""
    features = "--preview-features=audit-command,json-output"
    command = [uv(), "audit", "--frozen", features, "--output-format=json", *options]
    limits = {"UV_HTTP_TIMEOUT": str(ATTEMPT_S), "UV_HTTP_RETRIES": "0"}
    report = _json(command, ROOT, limits)
    if "vulnerabilities" not in report:
        raise NotCheckedError(f"uv: {report}")
    return [
        Finding(
            f"{one['dependency']['name']} {one['dependency']['version']}",
            one["display_id"],
            one["summary"] or "",
        )
        for one in report["vulnerabilities"]
    ]


def npm_findings(folder: str, *options: str) -> list[Finding]:
    """What npm's registry knows about the lock file in `folder`."""
    limits = [f"--fetch-timeout={ATTEMPT_S * 1000}", "--fetch-retries=0"]
    command = ["npm", "audit", "--json", "--package-lock-only", *limits, *options]
    node = node_directory()
    path = f"{node}{os.pathsep}{os.environ.get('PATH', '')}"
    report = _json([str(node / command[0]), *command[1:]], ROOT / folder, {"PATH": path})
    if "vulnerabilities" not in report:
        raise NotCheckedError(f"npm: {report.get('message', report)}")
    return [
        Finding(via["name"], via["url"].rpartition("/")[2], f"{via['severity']}: {via['title']}")
        for one in report["vulnerabilities"].values()
        for via in one["via"]
        if isinstance(via, dict)  # else the name of the package that brings it
    ]


def _json(command: list[str], folder: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """The report that a command prints, whatever its exit code. Raises `NotCheckedError`."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise NotCheckedError(f"no answer within {TIMEOUT_S} s") from error
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise NotCheckedError(done.stderr.strip().rpartition("cause: ")[2]) from error
    return report


if __name__ == "__main__":
    main()
