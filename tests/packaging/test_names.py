"""Our top-level packages have short names, which no installed package may shadow."""

from __future__ import annotations

import importlib.util
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_installed_shadows_a_package_of_ours() -> None:
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {"bus", "db", "quiz", "gateway"} <= ours
    installed = {
        (path.parts[0].removesuffix(".py"), distribution.metadata["Name"])
        for distribution in distributions()
        for path in distribution.files or ()
        if distribution.metadata["Name"] != "quizrun"
    }
    assert [pair for pair in installed if pair[0] in ours] == []


def test_each_package_is_imported_from_the_checkout() -> None:
    for path in ROOT.glob("*/__init__.py"):
        found = importlib.util.find_spec(path.parent.name)
        assert found is not None
        assert Path(found.origin or "") == path
