"""A browser is found or installed, or one sentence says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BROWSER = "#!/bin/sh\necho Chromium 1.0\n"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A directory that is the only one on PATH."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("sh", "env", "mv"):
        (directory / name).symlink_to(shutil.which(name) or name)
    return directory


def program(directory: Path, name: str, script: str) -> Path:
    path = directory / name
    path.write_text(script)
    path.chmod(0o755)
    return path


def look(programs: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "QUIZRUN_CHROMIUM"}
    return subprocess.run(
        [sys.executable, "-m", "deploy.local.chromium"],
        cwd=ROOT,
        env={**inherited, "PATH": str(programs), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_browser_on_the_path_is_used(programs: Path) -> None:
    browser = program(programs, "google-chrome", BROWSER)
    assert look(programs).stdout.strip() == str(browser)


def test_a_browser_that_does_not_start_is_skipped(programs: Path) -> None:
    program(programs, "chromium", "#!/bin/sh\nexit 1\n")
    browser = program(programs, "google-chrome", BROWSER)
    assert look(programs).stdout.strip() == str(browser)


def test_the_configured_browser_is_preferred(programs: Path, tmp_path: Path) -> None:
    program(programs, "chromium", BROWSER)
    named = program(tmp_path, "another", BROWSER)
    assert look(programs, QUIZRUN_CHROMIUM=str(named)).stdout.strip() == str(named)


def test_a_missing_configured_browser_is_an_error(programs: Path) -> None:
    program(programs, "chromium", BROWSER)
    done = look(programs, QUIZRUN_CHROMIUM="/nowhere/chromium")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "QUIZRUN_CHROMIUM is /nowhere/chromium, which is not a working browser."
    )


def test_a_missing_browser_is_installed(programs: Path) -> None:
    # as root, or through sudo
    program(programs, "sudo", '#!/bin/sh\nexec "$@"\n')
    log, waiting = programs / "log", program(programs, "waiting", BROWSER)
    # the real one would change this machine
    program(
        programs,
        "apt-get",
        f"""#!/bin/sh
        echo noise
        echo "$@" >> {log}
        case "$*" in *install*) mv {waiting} {programs}/chromium;; esac
        """,
    )
    done = look(programs)
    assert done.stdout.strip() == str(programs / "chromium"), done.stderr
    update, install = log.read_text().splitlines()
    assert update == "-qq -o DPkg::Lock::Timeout=120 update"
    assert "install --yes --no-install-recommends " in install
    assert install.endswith(" chromium-headless-shell")


def test_an_older_system_installs_the_full_browser(programs: Path) -> None:
    program(programs, "sudo", '#!/bin/sh\nexec "$@"\n')
    waiting = program(programs, "waiting", BROWSER)
    program(
        programs,
        "apt-get",
        f"""#!/bin/sh
        case "$*" in
        *headless-shell) exit 100;;
        *install*) mv {waiting} {programs}/chromium;;
        esac
        """,
    )
    done = look(programs)
    assert done.stdout.strip() == str(programs / "chromium"), done.stderr


def test_without_installation_an_error_says_what_to_do(programs: Path) -> None:
    done = look(programs)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == (
        "The browser tests need Chromium, which is not installed. "
        "Install Chromium or Chrome, or set QUIZRUN_CHROMIUM=/path/to/chromium."
    )


def test_a_failed_installation_is_reported(programs: Path) -> None:
    program(programs, "sudo", '#!/bin/sh\nexec "$@"\n')
    program(programs, "apt-get", "#!/bin/sh\nexit 100\n")
    done = look(programs)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "apt-get failed to install Chromium. "
        "Install Chromium or Chrome, or set QUIZRUN_CHROMIUM=/path/to/chromium."
    )
