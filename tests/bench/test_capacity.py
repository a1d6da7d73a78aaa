"""The capacity model uses the documented data and reproduces the measurements."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bench.capacity import page
from bench.capacity.assumptions import Assumptions
from bench.capacity.bill import (
    HIGH,
    LOW,
    PRICES,
    SIZES,
    bill,
    sheet,
    sizes,
    temporal_cloud,
    temporal_own,
    tiered,
)
from bench.capacity.counts import checked, costs
from bench.capacity.cpu import BENCHMARKS, COMPONENTS, LOADS, MANY, SINGLE, CpuModel, measured
from bench.capacity.leastsquares import fit, predict
from bench.capacity.scenarios import SCALES, giant, many
from bench.capacity.simulate import Course, fleet, in_step, simulate

ROOT = Path(__file__).parents[2]
TITLES = {
    "CPU while playing, s: gateway": "gateway",
    "worker": "worker",
    "PostgreSQL": "postgres",
    "Temporal": "temporal",
    "Kafka": "kafka",
}


def documented(title: str, heading: str) -> list[float]:
    """The figures of a row in docs/benchmarks.md, in the table below a heading."""
    text = (ROOT / "docs" / "benchmarks.md").read_text().split(f"\n## {heading}\n", 1)[1]
    row = re.search(rf"^\| {re.escape(title)} \|(.*)\|$", text, re.MULTILINE)
    assert row, title
    return [float(cell.strip().replace(",", "")) for cell in row[1].split("|")]


@pytest.mark.parametrize(("title", "component"), TITLES.items())
def test_cpu_data_match_the_benchmarks_page(title: str, component: str) -> None:
    assert [one["cpu_s"][component] for one in BENCHMARKS["single"]] == documented(
        title, "A whole run"
    )


@pytest.mark.parametrize("component", ["gateway", "worker", "temporal"])
def test_cpu_data_of_many_runs_match_the_benchmarks_page(component: str) -> None:
    title = next(title for title, name in TITLES.items() if name == component)
    assert measured(component, MANY) == documented(title, "Two hundred runs at once")[-1]


def test_predicted_messages_match_measured_ones() -> None:
    for load, one in zip(SINGLE, BENCHMARKS["single"], strict=True):
        assert load.progress == pytest.approx(one["progress"], rel=0.05)
        assert load.deliveries == pytest.approx(one["messages"], rel=0.1)


def test_least_squares_finds_non_negative_coefficients() -> None:
    rows = [[1.0, 2.0, 5.0], [1.0, 7.0, 1.0], [1.0, 3.0, 9.0], [1.0, 11.0, 4.0]]
    wanted = [4.0, 0.5, 2.0]
    assert fit(rows, [predict(wanted, row) for row in rows]) == pytest.approx(wanted)
    falling = fit([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]], [3.0, 2.0, 1.0])
    assert min(falling) >= 0
    assert falling[1] == 0


@pytest.mark.parametrize("component", COMPONENTS)
def test_2000_players_are_predicted_from_the_other_sizes(component: str) -> None:
    (load,) = (one for one in SINGLE if one.players == 2_000)
    model = CpuModel.fitted([one for one in LOADS if one != load])
    assert model.cpu_s(component, load) == pytest.approx(measured(component, load), rel=0.2)


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_model_reproduces_the_measurements(component: str) -> None:
    for load in LOADS:
        at = measured(component, load)
        if at is not None:
            assert CpuModel.fitted().cpu_s(component, load) == pytest.approx(at, rel=0.15)


def test_counts_of_another_run_are_predicted() -> None:
    for name, (counted, said) in checked().items():
        # Checkpoints and autovacuum write to the log at any time; Redis packs small sets.
        loose = "log" in name or name.startswith("Redis")
        assert said == pytest.approx(counted, rel=0.35 if loose else 0.1), name


def test_synchronised_runs_wait_as_long_as_measured() -> None:
    late = BENCHMARKS["many"]["reveal_late_s"]
    course = Course.splitting(BENCHMARKS["many"]["all_cpu_per_question_s"])
    outcome = simulate(course, in_step(200), cores=2)
    assert len(outcome.reveals_late_s) == 1_000
    assert 0.5 * late["table"]["p50"] < outcome.late(0.5) < late["table"]["p50"]
    assert 0.5 * late["table"]["p99"] < outcome.late(0.99) < late["table"]["p99"]
    assert sum(outcome.busy.values()) == pytest.approx(1_000 * course.cpu_s)


def test_unsynchronised_runs_do_not_wait_at_60_percent() -> None:
    course = Course.splitting(0.13, time_limit_s=20.0, spread_s=12.0, reveal_s=5.0)
    calm, busy = fleet(course, 4, 0.6), fleet(course, 4, 0.95)
    alone = course.settle_s + course.close_cpu_s
    assert calm.utilisation == pytest.approx(0.6, abs=0.05)
    assert calm.late_p99_s < alone + 0.1
    assert busy.late_p99_s > calm.late_p99_s
    assert fleet(course, 16, 0.6).peak_to_mean < calm.peak_to_mean


def test_needs_and_costs_grow_with_players() -> None:
    for kind in (many, giant):
        found = [kind(scale) for scale in SCALES]
        for less, more in pairwise(found):
            assert sum(less.cores.values()) < sum(more.cores.values())
            for margin in (LOW, HIGH):
                assert sum(bill(less, margin).values()) < sum(bill(more, margin).values())
                assert temporal_own(less, margin) <= temporal_own(more, margin)
    for one in map(many, SCALES):
        assert sum(bill(one, LOW).values()) <= sum(bill(one, HIGH).values())


def test_a_question_costs_temporal_what_its_local_steps_cost() -> None:
    known = costs()
    # ADR 52: two timers and two local activities, each pair with two workflow tasks.
    assert known["Temporal: events"].question == pytest.approx(12, rel=0.05)
    assert known["Temporal: billed actions in the history"].question == pytest.approx(4, rel=0.05)
    assert known["Temporal: local activities"].question == pytest.approx(2)
    assert known["Temporal: activities"].question == pytest.approx(0, abs=0.01)


def test_search_attributes_are_updated_at_most_once_a_minute() -> None:
    quick, slow = (many(1_000, replace(Assumptions(), time_limit_s=s)) for s in (5.0, 90.0))
    added = [
        one.actions_per_question - one.per_question("Temporal: billed actions in the history")
        for one in (quick, slow)
    ]
    assert added == pytest.approx([2 / 15, 14 / 15])


def test_temporals_cost_of_a_run_grows_by_the_heartbeats_of_its_scoring_only() -> None:
    small, large, giant_ = giant(1_000), giant(5_000), giant(2_400_000)
    assert (small.heartbeats_per_question, large.heartbeats_per_question) == (0, 1)
    assert giant_.heartbeats_per_question == 6  # scored within the pause of 5 s
    more = giant_.actions_per_question - small.actions_per_question
    assert more == pytest.approx(6)
    assert temporal_cloud(small) < temporal_cloud(giant_) < 0.1  # dollars a month


def test_gateways_are_sized_by_sockets_and_cpu() -> None:
    assumed = replace(Assumptions(), event_cpu_s=0.0)
    for one in (many(100_000, assumed), giant(100_000, assumed), many(2_400_000, assumed)):
        assert one.players / one.gateways <= assumed.sockets_per_gateway
        assert one.cores["gateway"] / one.gateways <= assumed.utilisation


def test_tiered_prices_apply_per_tier() -> None:
    # The example on Temporal's pricing page.
    tiers = PRICES["temporal_cloud"]["million_actions_tiers"]
    assert tiered(11.25, tiers) == pytest.approx(525)
    assert tiered(0, tiers) == 0
    assert tiered(300, tiers) == pytest.approx(250 + 225 + 400 + 1050 + 1500 + 2500 + 2500)


def test_all_resources_of_a_size_have_a_price() -> None:
    assert set(sizes()) == set(SIZES)
    totals = [sum(low for low, _ in sheet(size).values()) for size in SIZES]
    assert totals == sorted(totals)
    assert all(low <= high for size in SIZES for low, high in sheet(size).values())


@pytest.mark.parametrize("path", page.PAGES, ids=lambda path: path.name)
def test_pages_have_up_to_date_tables(path: Path) -> None:
    assert path.read_text() == page.written(path), "run: python -m bench.capacity"
