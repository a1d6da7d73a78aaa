"""``make bench``: latency and cost on separate stacks, and compared with other servers.

Exits with 1 if an answer is lost, a standing is wrong, or a target is missed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench import plot, report, targets
from bench.idle import PLAYERS, RETURNING, idle_and_storm
from bench.idle_stack import LOBBIES, idle_stack
from bench.rivals import compare, servers
from bench.run import Scenario, measure
from bench.stack import bench_stack
from deploy.errors import StackError
from telemetry.files import raise_file_limit

SIZES = (100, 500, 2_000, 10_000)


class Part(StrEnum):
    """The parts that can be measured separately."""

    RIVALS = "rivals"
    """The transport compared with other servers."""
    ROOMS = "rooms"
    """One run of each size."""
    MANY = "many"
    """Many concurrent runs."""
    IDLE = "idle"
    """An idle stack, idle players, and a storm of reconnections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options that select what to measure."""

    sizes: list[int]
    questions: int
    spread_s: float
    at_once: int
    gateways: int
    workers: int
    generators: int
    runs: int
    rounds: int
    sockets: list[int]
    rivals: list[str]


def bench(  # noqa: PLR0917 - options of a command
    part: Annotated[
        list[Part] | None, typer.Option(help="Measure only this part; may be repeated.")
    ] = None,
    players: Annotated[
        list[int] | None, typer.Option(min=1, help="Players per run; may be repeated.")
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="Questions per run.")] = 5,
    spread_s: Annotated[
        float, typer.Option(help="Answers are spread evenly over this time.")
    ] = 3.0,
    at_once: Annotated[int, typer.Option(min=1, help="Players that join concurrently.")] = 50,
    gateways: Annotated[int, typer.Option(min=1)] = 1,
    workers: Annotated[int, typer.Option(min=1)] = 1,
    generators: Annotated[int, typer.Option(min=1, help="Load generator processes.")] = 1,
    runs: Annotated[int, typer.Option(min=2, help="Concurrent runs of 50 players.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of the comparison.")] = compare.ROUNDS,
    sockets: Annotated[
        list[int] | None, typer.Option(min=1, help="Sockets in the comparison; may be repeated.")
    ] = None,
    rival: Annotated[
        list[str] | None, typer.Option(help="Compare only this server; may be repeated.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The JSON file to write.")] = report.LATEST,
) -> None:
    """Run the benchmarks, print tables, and write JSON and a plot."""
    wanted = Wanted(
        sizes=players or list(SIZES),
        questions=questions,
        spread_s=spread_s,
        at_once=at_once,
        gateways=gateways,
        workers=workers,
        generators=generators,
        runs=runs,
        rounds=rounds,
        sockets=sockets or list(compare.SIZES),
        rivals=rival or [*(one.name for one in servers.RIVALS), *compare.STORED],
    )
    console = Console(highlight=False)
    machine = report.machine(os.getloadavg())
    raise_file_limit()
    document: dict[str, Any] = {**machine, "stack": {"gateways": gateways, "workers": workers}}
    try:
        for each in part or list(Part):
            document[each.value] = asyncio.run(_MEASURE[each](console, wanted))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    for table in report.tables(document):
        # As wide as necessary, so that log files have complete figures.
        Console(width=max(console.width, 60 + 22 * len(table.columns))).print(table)
    report.write(document, output)
    if Part.RIVALS.value in document:
        plot.draw(document[Part.RIVALS.value]["samples"], output.with_suffix(".svg"))
    missed = targets.missed(document)
    for one in missed:
        console.print(f"Wrong: {one}.", style="red", markup=False)
    if missed:
        raise typer.Exit(1)


async def _rivals(console: Console, wanted: Wanted) -> dict[str, Any]:
    chosen = [one for one in servers.RIVALS if one.name in wanted.rivals]
    rivals = servers.available(chosen, lambda text: console.print(text, markup=False))
    stored = [name for name in compare.STORED if name in wanted.rivals]
    samples = await compare.compare(rivals, wanted.sockets, wanted.rounds, console.print, stored)
    return {
        "versions": servers.versions(rivals),
        "payload_bytes": servers.PAYLOADS,
        "samples": samples,
    }


async def _rooms(console: Console, wanted: Wanted) -> list[dict[str, Any]]:
    scenarios = [
        Scenario(
            players=size,
            questions=wanted.questions,
            spread_s=wanted.spread_s,
            at_once=wanted.at_once,
            generators=wanted.generators,
        )
        for size in wanted.sizes
    ]
    return await _on_one_stack(console, wanted, scenarios)


async def _many(console: Console, wanted: Wanted) -> list[dict[str, Any]]:
    scenario = Scenario(
        players=50,
        runs=wanted.runs,
        questions=wanted.questions,
        spread_s=wanted.spread_s,
        at_once=wanted.at_once,
        generators=wanted.generators,
    )
    return await _on_one_stack(console, wanted, [scenario])


async def _on_one_stack(
    console: Console, wanted: Wanted, scenarios: list[Scenario]
) -> list[dict[str, Any]]:
    samples = []
    async with bench_stack(wanted.gateways, wanted.workers) as stack:
        with tempfile.TemporaryDirectory(prefix="quizrun-bench-") as directory:
            for scenario in scenarios:
                console.print(f"{scenario.runs:,} × {scenario.players:,} players…")
                samples.append(await measure(stack, scenario, Path(directory)))
    return samples


async def _idle(console: Console, wanted: Wanted) -> dict[str, Any]:
    console.print(f"An idle stack, then {LOBBIES:,} idle lobbies…")
    async with bench_stack(wanted.gateways, wanted.workers) as stack:
        idle = await idle_stack(stack, LOBBIES)
    console.print(f"{PLAYERS:,} players idle, {RETURNING:,} reconnect…")
    async with bench_stack(wanted.gateways, wanted.workers) as stack:
        return {**await idle_and_storm(stack, PLAYERS, RETURNING), "stack": idle}


_MEASURE: dict[Part, Callable[[Console, Wanted], Coroutine[Any, Any, Any]]] = {
    Part.RIVALS: _rivals,
    Part.ROOMS: _rooms,
    Part.MANY: _many,
    Part.IDLE: _idle,
}


if __name__ == "__main__":
    try:
        typer.run(bench)
    except StackError as error:
        sys.exit(str(error))
