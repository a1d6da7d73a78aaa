"""Fetch the jars that a Maven pom names, once, and cache them."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.engines.cache import cache_dir
from deploy.errors import StackError
from deploy.programs import run

MIN_JAVA = 17
FETCH_TIMEOUT_S = 600.0


def missing_programs() -> list[str]:
    """Return the missing prerequisites: Java 17 or newer, and Maven."""
    missing = [] if _java_version() >= MIN_JAVA else [f"java (version {MIN_JAVA} or newer)"]
    return missing if shutil.which("mvn") else [*missing, "mvn"]


def fetch_jars(pom: Path) -> Path:
    """Return the directory with all jars of `pom`. Blocks while Maven fetches them the first time.

    Raises `StackError` if Java or Maven is missing, or if Maven fails.
    """
    directory = (
        cache_dir("jars") / f"{pom.stem}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    )
    if directory.exists():
        return directory
    if missing := missing_programs():
        raise StackError(f"{pom.stem} needs {' and '.join(missing)} on the PATH.")
    directory.parent.mkdir(parents=True, exist_ok=True)
    # Renamed when complete, so that an interrupted fetch does not pass for a finished one.
    unfinished = Path(tempfile.mkdtemp(dir=directory.parent))
    try:
        _copy_dependencies(pom, unfinished)
        unfinished.chmod(0o755)
        if not directory.exists():
            unfinished.rename(directory)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return directory


def _copy_dependencies(pom: Path, directory: Path) -> None:
    command = ["mvn", "--quiet", "--batch-mode", "--file", str(pom)]
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={directory}"]
    name = f"mvn dependency:copy-dependencies --file {pom.name}"
    run([*command, *goal], timeout_s=FETCH_TIMEOUT_S, name=name)


def _java_version() -> int:
    """Return the major version of `java`; 0 without one."""
    if shutil.which("java") is None:
        return 0
    result = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', result.stderr)
    return int(found[1]) if found else 0
