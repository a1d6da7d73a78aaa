"""The results of many seeds as JSON and as Markdown tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.verdict import Verdict

COLUMNS = (
    "seed",
    "Kafka",
    "faults",
    "runs",
    "players",
    "answers acknowledged",
    "players back",
    "slowest ack",
    "longest wait for a snapshot",
    "the same, all servers up",
    "ready again after",
    "promises broken",
)
START, END = "<!-- chaos: start -->", "<!-- chaos: end -->"


def write(out: Path, verdicts: Sequence[Verdict]) -> None:
    """`results.json` and `results.md` in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    document = [verdict.as_json() for verdict in verdicts]
    (out / "results.json").write_text(json.dumps(document, indent=1))
    (out / "results.md").write_text(markdown(verdicts))


def write_page(page: Path, verdicts: Sequence[Verdict]) -> None:
    """Put the tables between the marks in `page`."""
    before, _, rest = page.read_text().partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n{markdown(verdicts)}{END}{after}")


def markdown(verdicts: Sequence[Verdict]) -> str:
    """The tables."""
    faults: Counter[str] = Counter()
    for verdict in verdicts:
        faults.update(verdict.faults)
    lines = ["| fault | times |", "|---|---|"]
    lines += [f"| {kind} | {number} |" for kind, number in faults.most_common()]
    lines += [f"| **all** | **{faults.total()}** |", ""]
    lines += [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    lines += [_line(verdict) for verdict in verdicts]
    lines.append(_total(verdicts))
    return "\n".join(lines) + "\n"


def _line(one: Verdict) -> str:
    cells = (
        one.seed,
        one.kafka,
        sum(one.faults.values()),
        one.runs,
        one.players,
        one.answers,
        one.reconnects,
        f"{one.worst_ack_s:.1f} s",
        f"{one.worst_snapshot_s:.1f} s",
        f"{one.worst_calm_snapshot_s:.1f} s",
        f"{one.calm_after_s:.1f} s",
        len(one.violations),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _total(all_of: Sequence[Verdict]) -> str:
    cells = (
        "**all**",
        "",
        sum(sum(one.faults.values()) for one in all_of),
        sum(one.runs for one in all_of),
        sum(one.players for one in all_of),
        sum(one.answers for one in all_of),
        sum(one.reconnects for one in all_of),
        f"{max(one.worst_ack_s for one in all_of):.1f} s",
        f"{max(one.worst_snapshot_s for one in all_of):.1f} s",
        f"{max(one.worst_calm_snapshot_s for one in all_of):.1f} s",
        f"{max(one.calm_after_s for one in all_of):.1f} s",
        sum(len(one.violations) for one in all_of),
    )
    return f"| {' | '.join(map(str, cells))} |"
