"""Programs that tests run and that do not come from wheels.

`python -m tests.programs` installs them in advance, all at once. Started twice, the second one
waits for the first.
"""

from __future__ import annotations

import fcntl
import os
import sys
from functools import cache
from pathlib import Path

import pytest

from deploy.errors import StackError
from deploy.local.chromium import chromium
from deploy.local.debian import find, install, program

LOCK = Path(__file__).parents[1] / ".tools" / "programs.lock"
PACKAGES = {
    "WebKitWebDriver": "webkit2gtk-driver",
    "Xvfb": "xvfb",
    "amtool": "prometheus-alertmanager",
    "firefox-esr": "firefox-esr",
    "initdb": "postgresql",
    "nginx": "nginx",
    "pgbouncer": "pgbouncer",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "promtool": "prometheus",
    "redis-server": "redis-server",
}
"""Debian's package of each program."""


@cache
def debian_program(name: str) -> str:
    """The path of `name`, installed from its Debian package if need be.

    Where that is impossible the test is skipped, except in CI.
    """
    try:
        return program(name, PACKAGES[name])
    except StackError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def main() -> None:
    """Install what is missing. Failures are printed only: tests report what they lack."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            missing = {package for name, package in PACKAGES.items() if find(name) is None}
            if missing:
                install(*sorted(missing))
            chromium()
        except StackError as error:
            sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    main()
