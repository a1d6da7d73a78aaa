"""Tests wait for conditions. One that waits for time says why, beside the line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
REASON = "# time:"
FILES = [path for path in sorted(TESTS.rglob("*.py")) if "node_modules" not in path.parts]


def sleeps(node: ast.AST, *, polling: bool = False) -> Iterator[ast.Call]:
    """Calls of `sleep` outside of loops that look for something in between; `sleep(0)` lets others
    run.
    """
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Call(args=[ast.Constant(value=0)]):
                pass
            case ast.Call(func=ast.Attribute(attr="sleep") | ast.Name(id="sleep")) if not polling:
                yield child
        inner = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        looped = isinstance(child, ast.While) or (polling and not inner)
        yield from sleeps(child, polling=looped)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_whoever_sleeps_says_why(path: Path) -> None:
    text = path.read_text()
    lines = text.splitlines()
    silent = [
        f"{path.name}:{call.lineno}: {lines[call.lineno - 1].strip()}"
        for call in sleeps(ast.parse(text))
        if REASON not in "".join(lines[call.lineno - 2 : call.lineno])
    ]
    assert not silent


def test_a_sleep_without_a_reason_is_found() -> None:
    source = "async def f():\n    await asyncio.sleep(1)\n    while g():\n        await sleep(1)\n"
    assert [call.lineno for call in sleeps(ast.parse(source))] == [2]
