"""`python -m deploy.checks.prepare`: build Helm and what reads compose files, fetch the others.

It may run beside something else: whoever needs a program meanwhile waits for it.
"""

from __future__ import annotations

import sys

from deploy.checks.tools import KUBERNETES_VALIDATE, go_program, python_tool
from deploy.engines.golang import missing_go
from deploy.local.errors import StackError


def main() -> int:
    """Say where they are; 1 when something failed, 0 when it cannot be tried."""
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
