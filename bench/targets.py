"""Performance targets. Ratios compare figures of one run, because machines differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.rivals.compare import CPU_FIGURES, DURABLE, DURABLE_FROM, cpu_ratio, ratio

RATIOS = (
    ("broadcast.per_s", "ours", "node", 2.0),
    ("broadcast.per_s", "ours", "stock", 5.0),
    ("broadcast.per_s", "ours", "raw", 0.8),
    ("acks.per_s", DURABLE, "node", 1.0),
)
"""Figure, ours, the other's, and the minimum ratio."""
CPU_RATIO = 1.0
"""The maximum of our CPU per message divided by that of the best other server."""
ACK_P99_MS = 1_000.0
REVEAL_P99_MS = 1_500.0
BEFORE_OPEN_PERCENT = 99.9
LATE_P99_MS = 250.0
JOIN_TOTAL_S = 20.0
IDLE_KB = 27.0
IDLE_PERCENT = {"empty": 3.0, "open": 10.0, "waiting": 10.0}
"""Percent of one core, over all processes (`bench.idle_stack`)."""


def missed(document: dict[str, Any]) -> list[str]:
    """Return a sentence for each missed target and broken promise."""
    found: list[str] = []
    if rivals := document.get("rivals"):
        found += _ratios(rivals["samples"])
    for sample in document.get("rooms", []) + document.get("many", []):
        name = f"{sample['runs']:,} × {sample['players']:,} players"
        found += [f"{name}: {what}" for what in _run(sample)]
    if idle := document.get("idle"):
        found += _idle(idle)
    return found


def _idle(found: dict[str, Any]) -> Iterator[str]:
    if found["gateway_kb_per_player"] > IDLE_KB:
        yield f"an idle player uses {found['gateway_kb_per_player']} KB, over {IDLE_KB}"
    for state, most in IDLE_PERCENT.items():
        used = found["stack"][state]["total_cpu_percent"]
        if used > most:
            yield f"the idle stack ({state}) uses {used} % of a core, over {most}"


def _ratios(samples: list[dict[str, Any]]) -> Iterator[str]:
    for sockets in sorted({one["sockets"] for one in samples}):
        present = {one["rival"] for one in samples if one["sockets"] == sockets}
        for figure, ours, other, wanted in RATIOS:
            if sockets < DURABLE_FROM or not {ours, other} <= present:
                continue
            got = ratio(samples, sockets, figure, ours, other)
            if got < wanted:
                yield f"{sockets:,} sockets: {figure} is {got:.2f} × {other}, not {wanted:g} ×"
        for figure in CPU_FIGURES:
            found = cpu_ratio(samples, sockets, figure)
            if found and found[0] > CPU_RATIO:
                yield (
                    f"{sockets:,} sockets: {figure} is {found[0]:.2f} × {found[1]},"
                    f" over {CPU_RATIO:g} ×"
                )


def _run(sample: dict[str, Any]) -> Iterator[str]:
    yield from sample["problems"]
    limits = (
        ("the ack p99 in ms", sample["ack"]["p99"], ACK_P99_MS),
        ("the reveal p99 in ms", sample["reveal"]["p99"], REVEAL_P99_MS),
        ("the seconds until all have joined", sample["join_total_s"], JOIN_TOTAL_S),
        ("the p99 of questions after their time in ms", sample["late"]["p99"], LATE_P99_MS),
    )
    for what, got, most in limits:
        if got > most:
            yield f"{what} is {got:g}, over {most:g}"
    in_time = sample["question"]["before_open_percent"]
    if sample["runs"] == 1 and in_time < BEFORE_OPEN_PERCENT:
        yield f"only {in_time:g} % have a question before it opens"
