"""Programs from Debian's packages: one of the machine's, or installed with apt-get."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.errors import StackError

INSTALL_TIMEOUT_S = 600
# Another installation may be under way.
_WAITING = ("-o", "DPkg::Lock::Timeout=120")
# Debian keeps servers where only root's PATH leads, and PostgreSQL's where none does.
_DIRECTORIES = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/postgresql/*/bin")
# Debian starts a server as soon as it is installed; we only want its program.
_POLICY = "/usr/sbin/policy-rc.d"
_DO_NOT_START = f"printf '#!/bin/sh\\nexit 101\\n' > {_POLICY} && chmod 755 {_POLICY}"


def program(name: str, package: str) -> str:
    """Return the path of the program `name`, installing Debian's `package` if it is missing.

    Blocks while apt-get installs. Raises `StackError`, which says what to do, when it cannot be
    installed.
    """
    found = find(name)
    if found is None:
        install(package)
        found = find(name)
    if found is None:
        raise StackError(f"There is no {name}. Install the package {package}.")
    return found


def find(name: str) -> str | None:
    """Return the path of the program `name`, None when it is not installed."""
    found = shutil.which(name)
    if found:
        return found
    candidates = (
        path for pattern in _DIRECTORIES for path in Path("/").glob(f"{pattern[1:]}/{name}")
    )
    return next((str(path) for path in sorted(candidates, reverse=True)), None)


def install(*packages: str) -> None:
    """Install Debian packages without starting the servers in them. Raises `StackError`."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise StackError(f"{names} is missing, and there is no apt-get to install it.")
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
        raise StackError("Only root may install packages, and there is no sudo.")
    return [sudo]
