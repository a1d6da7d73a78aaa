"""Plot the comparison."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from bench.rivals.compare import DURABLE, DURABLE_PAIR, medians
from bench.rivals.servers import BUN, CENTRIFUGO, NODE, OURS, RAW, RUST, STOCK, UWS

_BARS = (
    (OURS.name, OURS.title, "#5b3df5"),
    (DURABLE, "Quizrun, stored first", "#9c8bff"),
    (DURABLE_PAIR, "the same, two gateways", "#c9c0ff"),
    (RUST.name, RUST.title, "#b5472f"),
    (UWS.name, UWS.title, "#1f6f8b"),
    (BUN.name, BUN.title, "#e39ab0"),
    (CENTRIFUGO.name, CENTRIFUGO.title, "#47b5c4"),
    (NODE.name, NODE.title, "#3c873a"),
    (STOCK.name, STOCK.title, "#c9a227"),
    (RAW.name, RAW.title, "#8a8f98"),
)
_PANELS = (
    ("broadcast.cpu_us", "broadcasts in a row"),
    ("single.cpu_us", "one broadcast at a time"),
    ("acks.cpu_us", "acks"),
)


def draw(samples: list[dict[str, Any]], path: Path) -> None:
    """Plot median CPU per message, with a group of bars for each size."""
    sizes = sorted({one["sockets"] for one in samples})
    bars = [bar for bar in _BARS if any(one["rival"] == bar[0] for one in samples)]
    figure = Figure(figsize=(9, 9), layout="constrained")
    # python-socketio's bars are cut off: they would flatten all others.
    for axes, (name, title) in zip(figure.subplots(len(_PANELS), 1), _PANELS, strict=True):
        width = 0.86 / len(bars)
        heights = {bar: [_median(samples, size, bar, name) for size in sizes] for bar, _, _ in bars}
        top = 1.08 * max(max(of) for bar, of in heights.items() if bar != STOCK.name)
        for place, (rival, label, colour) in enumerate(bars):
            offset = (place - (len(bars) - 1) / 2) * width
            places = [at + offset for at in range(len(sizes))]
            axes.bar(places, heights[rival], 0.92 * width, label=label, color=colour)
            for at, height in zip(places, heights[rival], strict=True):
                if height:
                    axes.text(at, min(height, top), f"{height:.1f}", ha="center", fontsize=6)
        axes.set_xticks(range(len(sizes)), [f"{size:,} sockets" for size in sizes])
        axes.set_title(f"µs of the server's CPU per message: {title}", fontsize=10, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.25)
        axes.set_axisbelow(True)
        axes.set_ylim(top=1.08 * top)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, frameon=False, loc="outside lower center", ncols=4)
    with rc_context({"svg.fonttype": "none"}):  # text as text: half the size
        figure.savefig(path, metadata={"Date": None})
    # Indented coordinates would add a sixth to the size.
    path.write_text(re.sub(r"\n\s+", "\n", path.read_text()))


def _median(samples: list[dict[str, Any]], size: int, rival: str, name: str) -> float:
    if not any(one["rival"] == rival and one["sockets"] == size for one in samples):
        return 0.0
    return medians(samples, size, rival).get(name, 0.0)
