"""Find Debian's programs, or install them with apt-get."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.errors import StackError

INSTALL_TIMEOUT_S = 600
# Wait for another installation in progress.
_WAITING = ("-o", "DPkg::Lock::Timeout=120")
# Debian keeps servers on root's PATH only, and PostgreSQL's on none.
_DIRECTORIES = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/postgresql/*/bin")
# Debian starts servers on installation; we only want the program.
_POLICY = "/usr/sbin/policy-rc.d"
_DO_NOT_START = f"printf '#!/bin/sh\\nexit 101\\n' > {_POLICY} && chmod 755 {_POLICY}"


def program(name: str, package: str) -> str:
    """Return the path of the program `name`, installing Debian's `package` if it is missing.

    Blocks during the installation. Raises `StackError`, which says what to do, if that fails.
    """
    found = find(name)
    if found is None:
        install(package)
        found = find(name)
    if found is None:
        raise StackError(f"{name} was not found. Install the package {package}.")
    return found


def find(name: str) -> str | None:
    """Return the path of the program `name`, or None."""
    found = shutil.which(name)
    if found:
        return found
    candidates = (
        path for pattern in _DIRECTORIES for path in Path("/").glob(f"{pattern[1:]}/{name}")
    )
    return next((str(path) for path in sorted(candidates, reverse=True)), None)


def install(*packages: str) -> None:
    """Install Debian packages without starting their servers. Raises `StackError`."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise StackError(f"{names} is missing and cannot be installed without apt-get.")
    sys.stderr.write(f"Installing {names} with apt-get.\n")
    apt = shlex.join(["apt-get", "-qq", *_WAITING])
    wanted = shlex.join(packages)
    script = (
        f"export DEBIAN_FRONTEND=noninteractive; {apt} update; "
        f"made=; [ -e {_POLICY} ] || {{ made=1; {_DO_NOT_START}; }}; "
        f"{apt} install --yes --no-install-recommends {wanted}; status=$?; "
        f'[ -z "$made" ] || rm -f {_POLICY}; exit $status'
    )
    try:
        done = subprocess.run(
            [*_as_root(), "sh", "-c", script],
            stdout=sys.stderr,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StackError(
            f"apt-get did not install {names} within {INSTALL_TIMEOUT_S} s."
        ) from error
    if done.returncode != 0:
        raise StackError(f"apt-get could not install {names}.")


def _as_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        raise StackError("Installing packages requires root, and sudo is not available.")
    return [sudo]
