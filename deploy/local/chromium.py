"""Find the Chromium for browser tests, or install one with apt-get.

python -m deploy.local.chromium    # prints its path
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from deploy.errors import StackError

VARIABLE = "QUIZRUN_CHROMIUM"
# Preferred: Chromium without its own windows, which take a quarter of the tests' time.
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
# Debian's package, and the one that contained it in older releases.
_PACKAGES = ("chromium-headless-shell", "chromium")
# Only recommended by Debian's package, but without a font no text is drawn.
_FONTS = ("fonts-liberation", "fonts-noto-color-emoji")
# Wait for another installation in progress.
_WAITING = ("-o", "DPkg::Lock::Timeout=120")
_INSTALL_S = 600
_START_S = 60


def chromium() -> str:
    """Return the path of a working Chromium: the one in ``QUIZRUN_CHROMIUM``, one on PATH, or one
    installed now. Raises ``StackError``, which says what to do, if there is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if _starts(named):
            return named
        raise StackError(f"{VARIABLE} is {named}, which is not a working browser.")
    found = _on_path()
    if found is None:
        _install()
        found = _on_path()
    if found is None:
        raise StackError(f"The installed Chromium does not start. {_remedy()}")
    return found


def _on_path() -> str | None:
    paths = filter(None, map(shutil.which, _NAMES))
    # Ubuntu's package, for example, is a stub that refers to another way of installing it.
    return next((path for path in paths if _starts(path)), None)


def _starts(path: str) -> bool:
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, timeout=_START_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _install() -> None:
    if shutil.which("apt-get") is None:
        raise StackError(f"The browser tests need Chromium, which is not installed. {_remedy()}")
    sudo = [] if os.geteuid() == 0 else _sudo()
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", *_WAITING]
    sys.stderr.write("Installing Chromium for the browser tests with apt-get.\n")
    install = [*apt, "install", "--yes", "--no-install-recommends", *_FONTS]
    installed = _run([*apt, "update"]) and any(_run([*install, name]) for name in _PACKAGES)
    if not installed:
        raise StackError(f"apt-get failed to install Chromium. {_remedy()}")


def _run(command: list[str]) -> bool:
    try:
        # Standard output is for the path alone.
        done = subprocess.run(command, stdout=sys.stderr, timeout=_INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _sudo() -> list[str]:
    sudo = shutil.which("sudo")
    if sudo is None:
        raise StackError(
            "The browser tests need Chromium, and only root can install it: "
            f"`apt-get install {_PACKAGES[0]}`, or set {VARIABLE}."
        )
    return [sudo]


def _remedy() -> str:
    return f"Install Chromium or Chrome, or set {VARIABLE}=/path/to/chromium."


def main() -> None:
    """Print the path, or an error and exit with 1."""
    try:
        print(chromium())
    except StackError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
