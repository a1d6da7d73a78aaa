"""A room changes through its own methods only; everything else reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gateway

GATEWAY = Path(gateway.__file__).parent
ROOM = GATEWAY / "live" / "room"
OWNED = {"room", "seat"}
"""Variables and attributes that hold a `Room` or a `Seat`."""
MUTATORS = {
    *("add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove"),
    *("setdefault", "update", "put_nowait"),
}
VERBS = {("extra_times", "update"), ("jobs", "add")}
"""Methods of a room's own parts that have the name of a collection's method."""
MUTABLE = {"dict", "list", "set", "Counter", "deque", "defaultdict", "OrderedDict"}


def links(node: ast.expr) -> Iterator[str]:
    """The names along a chain like ``watched.room.seats[id]``, the last one first."""
    match node:
        case ast.Attribute():
            yield node.attr
            yield from links(node.value)
        case ast.Subscript() | ast.Starred():
            yield from links(node.value)
        case ast.Name():
            yield node.id


def targets(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement assigns to or deletes, within tuples as well."""
    match node:
        case ast.Assign() | ast.Delete():
            found = node.targets
        case ast.AugAssign() | ast.AnnAssign() | ast.For() | ast.AsyncFor():
            found = [node.target]
        case _:
            found = []
    for target in found:
        yield from target.elts if isinstance(target, ast.Tuple | ast.List) else [target]


def offences(tree: ast.AST) -> list[str]:
    """The places that change a room from outside."""
    return [ast.unparse(node) for node in ast.walk(tree) if assigns(node) or mutates(node)]


def assigns(node: ast.AST) -> bool:
    return any(
        isinstance(target, ast.Attribute | ast.Subscript) and bool(OWNED & {*links(target.value)})
        for target in targets(node)
    )


def mutates(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    called, *owner = links(node.func)
    inside = bool(OWNED & {*owner[1:]})
    return called in MUTATORS and inside and (owner[0], called) not in VERBS


@pytest.mark.parametrize(
    "code",
    [
        "room.version = 3",
        "room.snapshot.state.version += 1",
        "self.room.seats.players['ann'] = seat",
        "del watched.room.seats.players[player_id]",
        "room.told, room.stale = 1, False",
        "seat.score = 7",
        "room.hosts.add(sid)",
        "room.seats.players.pop(player_id)",
        "caller.room.acknowledged.update(counts)",
    ],
)
def test_a_change_from_outside_is_seen(code: str) -> None:
    assert len(offences(ast.parse(code))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "player.room, player.seat = room, seat",
        "room = rooms.get(run_id)",
        "room.seats.seat(seat)",
        "room.jobs.add(job)",
        "self._reporting[room.run_id] = task",
        "seats.append(room.seats.get(player_id))",
    ],
)
def test_reading_and_asking_are_no_changes(code: str) -> None:
    assert offences(ast.parse(code)) == []


def test_nobody_changes_a_room_from_outside() -> None:
    files = [path for path in GATEWAY.rglob("*.py") if ROOM not in path.parents]
    found = {
        f"{path.relative_to(GATEWAY)}: {line}"
        for path in files
        for line in offences(ast.parse(path.read_text()))
    }
    assert len(files) > 100
    assert found == set()


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for path in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                yield path.name, node


def test_the_attributes_of_a_room_are_private_or_final() -> None:
    public = {
        f"{name}: {ast.unparse(node)}"
        for name, cls in classes()
        for node in ast.walk(cls)
        for target in targets(node)
        if isinstance(target, ast.Attribute)
        and ast.unparse(target.value) == "self"
        and not target.attr.startswith("_")
        and not (isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "Final")
    }
    assert public == set()


def test_a_room_hands_out_no_collection_that_could_be_changed() -> None:
    mutable = {
        f"{name}: {function.name} -> {ast.unparse(function.returns)}"
        for name, cls in classes()
        for function in cls.body
        if isinstance(function, ast.FunctionDef)
        and function.returns is not None
        and any(ast.unparse(decorator) == "property" for decorator in function.decorator_list)
        and ast.unparse(function.returns).partition("[")[0] in MUTABLE
    }
    assert mutable == set()
