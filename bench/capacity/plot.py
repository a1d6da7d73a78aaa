"""Plot the model against measurements, and the delay by utilisation."""

from __future__ import annotations

import re
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from bench.capacity.cpu import COMPONENTS, SINGLE, CpuModel, Load, measured
from bench.capacity.tables import COURSE, FLEET_CORES, UTILISATIONS, fleets

PLOT = Path(__file__).parents[2] / "docs" / "images" / "capacity.svg"
_COLOURS = ("#5b3df5", "#d9480f", "#2f6f9f", "#3c873a", "#8a8f98")


def draw() -> None:
    """Write docs/images/capacity.svg."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    model = CpuModel.fitted()
    sizes = [100 * 10 ** (step / 10) for step in range(21)]
    for component, colour in zip(COMPONENTS, _COLOURS, strict=True):
        loads = [Load(round(size), 1, 10) for size in sizes]
        left.plot(sizes, [model.cpu_s(component, load) for load in loads], color=colour, lw=1)
        at = [measured(component, load) or 0 for load in SINGLE]
        players = [load.players for load in SINGLE]
        left.plot(players, at, "o", color=colour, label=component, ms=4)
    left.set(xscale="log", yscale="log", xlabel="players of one run")
    left.set_title("CPU seconds of ten questions", fontsize=10, loc="left")
    left.legend(fontsize=7, frameon=False)
    for cores, colour in zip(FLEET_CORES, _COLOURS, strict=False):
        found = fleets(cores)
        right.plot(
            [100 * share for share in UTILISATIONS],
            [1000 * (one.late_p99_s - COURSE.settle_s) for one in found],
            "o-",
            color=colour,
            label=f"{cores} cores",
            ms=4,
        )
    right.set(xlabel="cores in use, %", ylim=(0, None))
    right.set_title("Simulated: reveal after the settle time, p99, ms", fontsize=10, loc="left")
    right.legend(fontsize=7, frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    # Reproducible files, and text as text, which is a third of the size.
    with rc_context({"svg.hashsalt": "capacity", "svg.fonttype": "none"}):
        figure.savefig(PLOT, metadata={"Date": None})
    PLOT.write_text(re.sub(r"\n\s+", "\n", PLOT.read_text()))
