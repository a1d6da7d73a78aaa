"""Our modules have no import cycles."""

from __future__ import annotations

import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]


def circle(graph: grimp.ImportGraph) -> list[str]:
    """The modules of an import cycle in order; empty if there is none.

    Type-checking imports and imports within functions count, too.
    """
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_a_circle_is_found() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in ("ab", "bc", "ca", "cd"):
        graph.add_import(importer=importer, imported=imported)
    assert set(circle(graph)) == {"a", "b", "c"}


def test_modules_do_not_import_each_other() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages: list[str] = settings["tool"]["mypy"]["packages"]
    graph = grimp.build_graph(*packages, cache_dir=None)
    assert len(graph.modules) > 300
    assert circle(graph) == []
