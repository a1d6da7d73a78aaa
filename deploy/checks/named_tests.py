"""Check that the tests which a document names exist: ``python -m deploy.checks.named_tests``.

In docs/security.md a test is named in backticks: a function (`test_…`), a file (`test_….py`), a
function of a file (`test_….py::test_…`), or a path below the repository.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("docs/security.md",)

_NAMED = re.compile(r"`(test_\w+(?:\.py)?(?:::test_\w+)?|(?:tests|web|gateway|quiz|db)/[\w./-]+)`")
_FUNCTION = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)


def main() -> None:
    """Print every test that does not exist and exit with code 1 if there is one."""
    faults = [f"{name}: {test}" for name in DOCUMENTS for test in missing(ROOT / name)]
    if faults:
        sys.exit("\n".join(faults))


def missing(document: Path, root: Path = ROOT) -> Iterator[str]:
    """Yield the tests and files that the document names but that do not exist."""
    functions: dict[str, set[str]] = {}
    for path in (root / "tests").rglob("test_*.py"):
        functions.setdefault(path.name, set()).update(_FUNCTION.findall(path.read_text()))
    everything = set().union(*functions.values())
    for named in dict.fromkeys(_NAMED.findall(document.read_text())):
        if not _exists(named, root, functions, everything):
            yield named


def _exists(named: str, root: Path, functions: dict[str, set[str]], everything: set[str]) -> bool:
    if "/" in named:
        return (root / named).exists()
    file, _, function = named.rpartition("::")
    if file:
        return function in functions.get(file, ())
    return named in functions if named.endswith(".py") else named in everything


if __name__ == "__main__":
    main()
