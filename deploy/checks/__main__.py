"""All checks of what is deployed, one after the other: ``python -m deploy.checks``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from deploy.checks import chart, compose_file
from deploy.checks.tools import HADOLINT, ROOT, python_tool
from deploy.local.errors import StackError

DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"


def main() -> None:
    """Say what was checked; the first check that fails ends it with exit code 1."""
    checks: dict[str, Callable[[], object]] = {
        "Dockerfile (hadolint)": lint_dockerfile,
        "Dockerfile (checkov)": lambda: chart.checkov(
            "--file", str(DOCKERFILE), "--framework", "dockerfile"
        ),
        "Compose file": compose_file.check,
    }
    for values in chart.EXAMPLES:
        name = f"Chart with {values.name}"
        checks[f"{name} (helm lint)"] = lambda values=values: chart.lint(values)
        checks[f"{name} (Kubernetes' schemas)"] = lambda values=values: chart.validate(
            chart.render(values)
        )
    # The image of the other example has no digest: that is only known at a release.
    full = chart.EXAMPLES[-1]
    checks[f"Chart with {full.name} (checkov)"] = lambda: chart.scan(chart.render(full))
    try:
        for name, check in checks.items():
            check()
            print(f"ok  {name}", flush=True)
    except StackError as error:
        sys.exit(f"--  {name}\n{error}")


def lint_dockerfile() -> None:
    """Ask hadolint."""
    python_tool(HADOLINT, "hadolint", str(DOCKERFILE))


if __name__ == "__main__":
    main()
