"""Run all checks of the deployment files: ``python -m deploy.checks``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from deploy.checks import chart, compose_file
from deploy.checks.tools import HADOLINT, ROOT, checkov, python_tool
from deploy.errors import StackError

AWS = ROOT / "deploy" / "aws"
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
AT_ONCE = 2
"""Checks that run in parallel: each waits for a program that keeps one core busy."""


def main() -> None:
    """Print each check; exit with 1 at the first that fails."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        checks = [(name, pool.submit(check)) for name, check in _checks()]
        for name, checked in checks:
            try:
                checked.result()
            except StackError as error:
                pool.shutdown(wait=False, cancel_futures=True)
                sys.exit(f"--  {name}\n{error}")
            print(f"ok  {name}", flush=True)


def _checks() -> Iterator[tuple[str, Callable[[], object]]]:
    dockerfile = ("--file", str(DOCKERFILE), "--framework", "dockerfile")
    yield "Dockerfile (hadolint)", lint_dockerfile
    yield "Dockerfile (checkov)", partial(checkov, *dockerfile)
    aws = ("--config-file", str(AWS / "checkov.yaml"), "--directory", str(AWS))
    yield "AWS (checkov)", partial(checkov, *aws)
    actions = ("--framework", "github_actions", "--directory", str(ROOT / ".github"))
    yield "GitHub Actions (checkov)", partial(checkov, *actions)
    yield "compose file", compose_file.check
    for values in chart.EXAMPLES:
        name = f"chart with {values.name}"
        objects = chart.render(values)
        yield f"{name} (helm lint)", partial(chart.lint, values)
        yield f"{name} (schemas)", partial(chart.validate, objects)
        # The other example's image has no digest, which is only known at a release.
        if values.name == "full.yaml":
            yield f"{name} (checkov)", partial(chart.scan, objects)


def lint_dockerfile() -> None:
    """Run hadolint."""
    python_tool(HADOLINT, "hadolint", str(DOCKERFILE))


if __name__ == "__main__":
    main()
