"""The end of a command that has spoken with Temporal."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with `code`, without the interpreter's own farewell.

    Temporal's client has threads that may still hand over a result while the interpreter shuts
    down, which then aborts, and the exit code is lost.
    """
    with contextlib.suppress(OSError):  # whoever read our output may be gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
