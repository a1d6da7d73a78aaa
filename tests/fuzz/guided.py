"""Coverage-guided fuzzing of one target by Atheris: ``python -m tests.fuzz.guided TARGET SECONDS``.

`machine` drives the property tests of the state machine with the fuzzer's bytes. Crashing inputs
are kept in ``tests/fuzz/corpus/TARGET``, where `make test` tries them for ever.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")  # only in the group `fuzz`

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
FOUND = Path(".fuzz")
"""Interesting inputs, which grow from run to run."""
MAX_BYTES = 4_096
CASE_TIMEOUT_S = 10
MEMORY_MB = 1_500


def main(name: str, seconds: str) -> None:
    """Fuzz until the time is up; exits with a code other than 0 after a crash."""
    with atheris.instrument_imports(include=["quiz", "gateway"], enable_loader_override=False):
        from tests.fuzz.properties import PROPERTIES  # noqa: PLC0415
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415

    target = {**TARGETS, **PROPERTIES}[name]
    found, kept = FOUND / name, CORPUS / name
    found.mkdir(parents=True, exist_ok=True)
    kept.mkdir(parents=True, exist_ok=True)
    options = {
        "max_total_time": seconds,
        "timeout": CASE_TIMEOUT_S,
        "rss_limit_mb": MEMORY_MB,
        "max_len": MAX_BYTES,
        "artifact_prefix": f"{kept}/",
        "print_final_stats": 1,
        "verbosity": 1,
    }
    flags = [f"-{option}={value}" for option, value in options.items()]
    atheris.Setup([sys.argv[0], *flags, str(found), str(kept)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
