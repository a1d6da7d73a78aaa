"""Plot the comparison."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from bench.rivals.compare import DURABLE, DURABLE_PAIR, STORED, medians
from bench.rivals.servers import NODE, OURS, RAW, STOCK

_BARS = (
    (OURS.name, "Quizrun", "#5b3df5"),
    (DURABLE, "Quizrun, stored first", "#9c8bff"),
    (DURABLE_PAIR, "the same, two gateways", "#c9c0ff"),
    (NODE.name, NODE.title, "#3c873a"),
    (STOCK.name, STOCK.title, "#c9a227"),
    (RAW.name, RAW.title, "#8a8f98"),
)
_PANELS = (("broadcast.per_s", "messages to one room a second"), ("acks.per_s", "acks a second"))


def draw(samples: list[dict[str, Any]], path: Path) -> None:
    """Plot medians over the rounds, with a group of bars for each size."""
    sizes = sorted({one["sockets"] for one in samples})
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, (name, title) in zip(figure.subplots(1, 2), _PANELS, strict=True):
        present = [bar for bar in _BARS if name.startswith("acks") or bar[0] not in STORED]
        for place, (rival, label, colour) in enumerate(present):
            heights = [_median(samples, size, rival, name) / 1000 for size in sizes]
            offsets = [at + (place - (len(present) - 1) / 2) * 0.14 for at in range(len(sizes))]
            axes.bar(offsets, heights, 0.13, label=label, color=colour)
        axes.set_xticks(range(len(sizes)), [f"{size:,} sockets" for size in sizes])
        axes.set_title(f"Thousands of {title}", fontsize=10, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.25)
        axes.set_axisbelow(True)
        axes.set_ylim(top=1.3 * axes.get_ylim()[1])  # room for the legend
        axes.legend(fontsize=7, frameon=False, loc="upper right", ncols=2)
    figure.savefig(path, metadata={"Date": None})
    # Indented coordinates would add a sixth to the size.
    path.write_text(re.sub(r"\n\s+", "\n", path.read_text()))


def _median(samples: list[dict[str, Any]], size: int, rival: str, name: str) -> float:
    if not any(one["rival"] == rival and one["sockets"] == size for one in samples):
        return 0.0
    return medians(samples, size, rival)[name]
