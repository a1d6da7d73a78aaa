"""Exit from commands that used Temporal's client."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn


def exit_now(code: int) -> NoReturn:
    """Exit with `code` immediately, without the interpreter's own shutdown.

    Threads of Temporal's client may deliver a result while the interpreter shuts down, which aborts
    it and loses the exit code.
    """
    with contextlib.suppress(OSError):  # the reader of our output may be gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
