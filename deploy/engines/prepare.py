"""`python -m deploy.engines.prepare`: fetch and build the production engines in advance.

It may run in parallel with their users: tests that need a program wait until it is ready.
"""

from __future__ import annotations

import sys
import time

from deploy.engines.golang import missing_go
from deploy.engines.jars import fetch_jars, missing_programs
from deploy.engines.kafka import POM
from deploy.engines.temporal_program import temporal_program
from deploy.errors import StackError


def missing() -> list[str]:
    """Return the programs missing on this machine for the production engines."""
    return [*missing_programs(), *missing_go()]


def main() -> int:
    """Fetch Kafka's jars and build Temporal; return 1 on failure, 0 without prerequisites."""
    if lacking := missing():
        _print(f"Not prepared: the production engines need {', '.join(lacking)} on the PATH.")
        return 0
    began = time.monotonic()
    try:
        programs = [fetch_jars(POM), temporal_program()]
    except StackError as error:
        _print(str(error))
        return 1
    _print(f"Ready after {time.monotonic() - began:.0f} s: {', '.join(map(str, programs))}")
    return 0


def _print(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
