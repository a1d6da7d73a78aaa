"""What further gateways and workers cost is fitted to measurements of the same load."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.capacity.cpu import COMPONENTS, CpuModel
from bench.capacity.processes import CASES, Case, Further, Measured, stored
from bench.capacity.scenarios import many

CPU = CpuModel.fitted()


def document(*, gateways: int, workers: int, **playing: float) -> dict[str, object]:
    """A part of what `python -m bench` writes."""
    found = {
        "players": 50,
        "runs": 60,
        "scenario": {"questions": 5},
        "ack": {"count": 14_700},
        "messages": {"lobby": 4_000, "question": 15_000, "reveal": 15_000},
        "cpu_s": {"playing": playing},
    }
    return {"stack": {"gateways": gateways, "workers": workers}, "many": [found]}


def test_the_processes_of_a_component_are_added_up() -> None:
    playing = {"gateway-1": 3.0, "gateway-2": 2.5, "worker-1": 4.0, "postgres": 2.0, "valkey": 1.0}
    one = Measured.of(document(gateways=2, workers=1, **playing))
    assert one.case == Case(50, 60, 2, 1)
    assert one.case.alone == Case(50, 60, 1, 1)
    assert one.cpu_s == {
        "gateway": 5.5,
        "worker": 4.0,
        "postgres": 2.0,
        "temporal": 0.0,
        "kafka": 0.0,
    }
    assert (one.answers, one.messages, one.load.run_questions) == (14_700, 30_000, 300)


def test_the_fit_finds_what_further_processes_cost() -> None:
    wanted = Further(
        run_question=0.005,
        gateway_second=dict.fromkeys(COMPONENTS, 0.03),
        worker_second={**dict.fromkeys(COMPONENTS, 0.02), "gateway": 0.0},
    )
    exact: dict[Case, Measured] = {}
    for case in CASES:
        first = dict.fromkeys(COMPONENTS, 5.0)
        one = Measured(case, 5, 1_000, 10_000 * case.gateways, first)
        if case != case.alone:
            at = {name: wanted.cpu_s(name, one, exact, CPU) for name in COMPONENTS}
            one = replace(one, cpu_s=at)
        exact[case] = one
    found = Further.fitted(exact, CPU)
    assert found.run_question == pytest.approx(wanted.run_question, rel=0.01)
    assert found.gateway_second == pytest.approx(wanted.gateway_second, rel=0.01)
    assert found.worker_second == pytest.approx(wanted.worker_second, rel=0.01, abs=1e-6)


def test_each_measured_load_was_also_measured_on_one_of_each() -> None:
    measured = stored()
    assert {case.alone for case in measured} <= set(measured)
    assert set(measured) <= set(CASES)


@pytest.mark.parametrize("component", ["gateway", "worker"])
def test_the_fit_reproduces_the_measurements(component: str) -> None:
    measured = stored()
    further = Further.fitted(measured, CPU)
    for one in measured.values():
        said = further.cpu_s(component, one, measured, CPU)
        assert said == pytest.approx(one.cpu_s[component], rel=0.3), one.case.name


def test_players_of_a_run_are_on_each_of_few_gateways_and_on_few_of_thousands() -> None:
    assert many(1_000).run_gateways == 1
    large = many(2_400_000)
    assert large.gateways > 1_000
    assert large.run_gateways == pytest.approx(50, rel=0.03)
    assert large.redesigned.gateways < large.gateways


def test_further_processes_cost_more_and_never_less() -> None:
    scenario = many(100_000)
    free = replace(
        scenario,
        further=Further(
            gateway_second=dict.fromkeys(COMPONENTS, 0.0),
            worker_second=dict.fromkeys(COMPONENTS, 0.0),
        ),
    )
    for component, cores in scenario.cores.items():
        assert cores >= free.cores[component]
