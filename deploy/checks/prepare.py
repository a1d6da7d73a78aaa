"""`python -m deploy.checks.prepare`: build or fetch the tools of the checks in advance.

It may run in parallel with their users: a check that needs a tool waits until it is ready.
"""

from __future__ import annotations

import sys

from deploy.checks.tools import KUBERNETES_VALIDATE, go_program, python_tool
from deploy.engines.golang import missing_go
from deploy.errors import StackError


def main() -> int:
    """Print where the tools are; return 1 on failure, 0 if prerequisites are missing."""
    if lacking := missing_go():
        print(f"Not prepared: the checks need {', '.join(lacking)} on the PATH.", flush=True)
        return 0
    try:
        python_tool(KUBERNETES_VALIDATE, "python", "--version")
        for name in ("compose", "helm"):
            print(go_program(name), flush=True)
    except StackError as error:
        print(error, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
