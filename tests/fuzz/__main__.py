"""``make fuzz``: every target for ``FUZZ_MINUTES`` minutes, two at a time.

Exits with 1 if anything crashed. Crashing inputs are in ``tests/fuzz/corpus``, logs in ``.fuzz``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.properties import PROPERTIES
from tests.fuzz.targets import TARGETS

SECONDS = str(round(60 * float(os.environ.get("FUZZ_MINUTES") or 10)))
LOGS = Path(".fuzz")
AT_ONCE = 2
SAID = ("number_of_executed_units", "new_units_added", " passed")
LIVE = {
    "openapi": "tests/gateway/http/test_fuzzed_api.py",
    "frames": "tests/gateway/transport/test_fuzzed_frames.py",
}
"""Fuzzed against real servers, by pytest."""


def main(wanted: list[str]) -> int:
    """Fuzz the wanted targets, or all; return the exit code."""
    LOGS.mkdir(exist_ok=True)
    names = wanted or [*LIVE, *PROPERTIES, *TARGETS]
    with ThreadPoolExecutor(AT_ONCE) as slots:
        return int(not all(list(slots.map(_is_clean, names))))


def _is_clean(name: str) -> bool:
    if name in LIVE:
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", LIVE[name]]
    else:
        command = ["-m", "tests.fuzz.guided", name, SECONDS]
    environment = {**os.environ, "QUIZRUN_FUZZ_S": SECONDS}
    path = LOGS / f"{name}.log"
    with path.open("wb") as log:
        done = subprocess.run(
            [sys.executable, *command], stdout=log, stderr=log, env=environment, check=False
        )
    lines = path.read_text(errors="replace").splitlines()
    clean = done.returncode == 0
    shown = [line for line in lines if any(word in line for word in SAID)] if clean else lines[-20:]
    report = [f"{'clean  ' if clean else 'CRASHED'} {name}", *(f"    {line}" for line in shown)]
    sys.stdout.write("\n".join(report) + "\n")
    sys.stdout.flush()
    return clean


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
