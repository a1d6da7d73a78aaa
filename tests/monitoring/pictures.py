"""Draw two panels for docs/grafana.md: ``python -m tests.monitoring.pictures``.

A stack with two gateways plays a run, the real Prometheus scrapes it, and the panels' queries are
plotted in Grafana's style. Grafana itself is not needed.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import matplotlib as mpl
from matplotlib import pyplot as plt

from deploy.grafana.gateways import GATEWAYS
from deploy.grafana.model import Dashboard, Panel, Prom
from deploy.grafana.overview import OVERVIEW
from tests.monitoring.conftest import Watched, watching
from tests.monitoring.panels import LABEL, series
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.quizzes import quiz, single
from tests.system.system import ROOT, System, running_system

PLAYERS = 200
QUESTIONS = 8
LIMIT_S = 15
PAUSE_S = 10.0
"""The idle time before and after the run."""
PICTURES: tuple[tuple[str, Dashboard, str], ...] = (
    ("grafana-players-send", OVERVIEW, "What do players send?"),
    ("grafana-answers", GATEWAYS, "Answers are acknowledged within 200 ms"),
)
MAX_BYTES = 60_000
COLOURS = ("#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#b877d9", "#8ab8ff")
FACE, INK, GRID, RED = "#181b1f", "#ccccdc", "#2c3038", "#f2495c"
AXES = {"reqps": ("requests per second", 1), "s": ("milliseconds", 1000)}


async def play(system: System) -> None:
    """Play a run with players of different speeds on all gateways."""
    dice = random.Random(10)
    async with (
        httpx.AsyncClient(base_url=f"{system.urls[0]}/api/v1", timeout=TIMEOUT_S) as http,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        host = await Host.register(http)
        questions = [single(f"Question {n}", time_limit_s=LIMIT_S) for n in range(QUESTIONS)]
        run = await host.open_run(quiz(*questions))
        bots = [
            Bot(
                session,
                [system.urls[n % len(system.urls)]],
                f"Player {n}",
                {
                    question: Plan(
                        min(LIMIT_S - 2, dice.lognormvariate(1.2, 0.5)), dice.randrange(3)
                    )
                    for question in range(QUESTIONS)
                },
            )
            for n in range(PLAYERS)
        ]
        await enter_all(bots, run)
        await run.command("start")
        await play_all(bots, timeout_s=QUESTIONS * (LIMIT_S + 20))


async def draw(watched: Watched, name: str, dashboard: Dashboard, title: str, began: float) -> Path:
    """Run the panel's queries and save their results as a picture."""
    (panel,) = [panel for panel in dashboard.panels if panel.title == title]
    lines: list[tuple[str, list[list[Any]]]] = []
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        for query in panel.queries:
            assert isinstance(query, Prom)
            drawn = await series(client, watched.prometheus, query)
            lines += [(_legend(query, one["metric"]), one["values"]) for one in drawn]
    return _save(name, panel, sorted(lines), began)


def _legend(query: Prom, labels: dict[str, str]) -> str:
    return LABEL.sub(lambda found: labels.get(found[1], ""), query.legend)


def _save(name: str, panel: Panel, lines: Sequence[tuple[str, list[list[Any]]]], t0: float) -> Path:
    words, factor = AXES[panel.unit]
    mpl.rcParams.update({"font.size": 11, "text.color": INK, "axes.labelcolor": INK})
    mpl.rcParams.update({"xtick.color": INK, "ytick.color": INK, "axes.edgecolor": GRID})
    figure, axes = plt.subplots(figsize=(8, 3.6), dpi=120, facecolor=FACE, layout="constrained")
    axes.set_facecolor(FACE)
    for (legend, values), colour in zip(lines, COLOURS * 3, strict=False):
        times = [float(at) - t0 for at, _ in values]
        heights = [float(value) * factor for _, value in values]
        axes.plot(times, heights, color=colour, linewidth=1.6, label=legend)
        axes.fill_between(times, heights, color=colour, alpha=0.08)
    if panel.limit is not None:
        axes.axhline(panel.limit.value * factor, color=RED, linestyle="--", linewidth=1.4)
    axes.set_title(panel.title, loc="left", fontsize=13, color="white")
    axes.set(xlabel="seconds", ylabel=words)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.grid(color=GRID)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower left", ncols=4, frameon=False
    )
    path = ROOT / "docs" / "images" / f"{name}.webp"
    figure.savefig(path, facecolor=FACE, pil_kwargs={"quality": 85, "method": 6})
    plt.close(figure)
    assert path.stat().st_size <= MAX_BYTES
    return path


async def main() -> None:
    """Play, record, plot."""
    with tempfile.TemporaryDirectory() as directory:
        async with (
            running_system(gateways=2, workers=1) as system,
            watching(system, Path(directory)) as watched,
        ):
            await watched.until_up(len(system.processes))
            began = time.time()
            # time: a picture has a calm before and after
            await asyncio.sleep(PAUSE_S)
            await play(system)
            # time: a picture has a calm before and after
            await asyncio.sleep(PAUSE_S)
            for picture in PICTURES:
                print(await draw(watched, *picture, began))  # noqa: T201


if __name__ == "__main__":
    mpl.use("Agg")
    asyncio.run(main())
