"""``make bench``: join, broadcast, durable ack and reveal latencies on a stack of its own.

Exit code 1 when an answer is lost, a standing is wrong, or acknowledgements are too slow.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench import report
from bench.load import raise_file_limit
from bench.run import Scenario, measure
from bench.stack import bench_stack
from deploy.local.errors import StackError

SIZES = (100, 500, 2_000)
ACK_P99_LIMIT_MS = 1_000.0
"""For runs of up to the largest of `SIZES`."""


def bench(
    players: Annotated[
        list[int] | None, typer.Option(min=1, help="A size to measure; may be repeated.")
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="How many questions a run has.")] = 5,
    spread_s: Annotated[float, typer.Option(help="Answers come evenly over this time.")] = 3.0,
    at_once: Annotated[int, typer.Option(min=1, help="How many players join at a time.")] = 50,
    gateways: Annotated[int, typer.Option(min=1)] = 1,
    workers: Annotated[int, typer.Option(min=1)] = 1,
    generators: Annotated[int, typer.Option(min=1, help="Load generator processes.")] = 1,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = report.LATEST,
) -> None:
    """Measure, print a table, write JSON."""
    scenarios = [
        Scenario(
            players=size,
            questions=questions,
            spread_s=spread_s,
            at_once=at_once,
            generators=generators,
        )
        for size in players or SIZES
    ]
    console = Console(highlight=False)
    load_before = os.getloadavg()
    raise_file_limit()
    try:
        samples = asyncio.run(_measure_all(console, scenarios, gateways, workers))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    # As wide as it must be: in a log file half a figure helps nobody.
    Console(width=max(console.width, 60 + 30 * len(samples))).print(report.table(samples))
    report.write(samples, {"gateways": gateways, "workers": workers}, load_before, output)
    problems = [problem for sample in samples for problem in _problems(sample)]
    for problem in problems:
        console.print(f"Wrong: {problem}.", style="red", markup=False)
    if problems:
        raise typer.Exit(1)


async def _measure_all(
    console: Console, scenarios: list[Scenario], gateways: int, workers: int
) -> list[dict[str, Any]]:
    samples = []
    async with bench_stack(gateways, workers) as stack:
        with tempfile.TemporaryDirectory(prefix="quizrun-bench-") as directory:
            for scenario in scenarios:
                console.print(f"{scenario.players:,} players…")
                samples.append(await measure(stack, scenario, Path(directory)))
    return samples


def _problems(sample: dict[str, Any]) -> list[str]:
    size, p99 = sample["players"], sample["ack"]["p99"]
    problems = [f"{size:,} players: {problem}" for problem in sample["problems"]]
    if size <= max(SIZES) and p99 > ACK_P99_LIMIT_MS:
        problems.append(
            f"{size:,} players: the ack p99 is {p99:.0f} ms, over {ACK_P99_LIMIT_MS:.0f} ms"
        )
    return problems


if __name__ == "__main__":
    try:
        typer.run(bench)
    except StackError as error:
        sys.exit(str(error))
