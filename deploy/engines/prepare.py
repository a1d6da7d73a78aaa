"""`python -m deploy.engines.prepare`: fetch and build what the production engines need.

It may run beside something else: whoever needs a program meanwhile waits for it.
"""

from __future__ import annotations

import sys
import time

from deploy.engines.golang import missing_go
from deploy.engines.jars import fetch_jars, missing_programs
from deploy.engines.kafka import POM
from deploy.engines.temporal_program import temporal_program
from deploy.local.errors import StackError


def missing() -> list[str]:
    """Which programs a stack of the production engines needs that cannot be found here."""
    return [*missing_programs(), *missing_go()]


def main() -> int:
    """Fetch Kafka's jars and build Temporal; 1 when that fails, 0 when it cannot be tried."""
    if lacking := missing():
        _tell(f"Not prepared: the production engines need {', '.join(lacking)} on the PATH.")
        return 0
    began = time.monotonic()
    try:
        programs = [fetch_jars(POM), temporal_program()]
    except StackError as error:
        _tell(str(error))
        return 1
    _tell(f"Ready after {time.monotonic() - began:.0f} s: {', '.join(map(str, programs))}")
    return 0


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
