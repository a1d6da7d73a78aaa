"""Lint and render the Helm chart, and validate it against Kubernetes' schemas."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from deploy.checks.tools import HERE, KUBERNETES_VALIDATE, ROOT, checkov, helm, python_tool

CHART = ROOT / "deploy" / "helm" / "quizrun"
EXAMPLES = (CHART / "ci" / "minimal.yaml", CHART / "ci" / "full.yaml")
KUBERNETES_VERSIONS = ("1.29.0", "1.37.0")
"""The oldest that Chart.yaml allows, and the newest that the validator supports."""


def lint(values: Path) -> str:
    """Run `helm lint` and return its output."""
    return helm("lint", "--strict", str(CHART), "--values", str(values))


def render(*values: Path, **settings: Any) -> str:
    """Return all objects of a release with these values, including hooks, as YAML."""
    given = [word for path in values for word in ("--values", str(path))]
    given += [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    return helm("template", "live", str(CHART), "--namespace", "quiz", *given)


def validate(objects: str) -> None:
    """Validate rendered objects against the schemas of all `KUBERNETES_VERSIONS`."""
    script = str(HERE / "validate.py")
    python_tool(KUBERNETES_VALIDATE, "python", script, *KUBERNETES_VERSIONS, stdin=objects)


def scan(objects: str) -> None:
    """Scan rendered objects with checkov."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "objects.yaml").write_text(objects)
        checkov("--directory", directory, "--framework", "kubernetes")
