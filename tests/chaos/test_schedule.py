from __future__ import annotations

from tests.chaos.brokers import Brokers
from tests.chaos.building import topology_of
from tests.chaos.engines import PRODUCTION
from tests.chaos.plans import draw_run
from tests.chaos.schedule import MAX_SKEW_MS, WEIGHTS, draw

TOPOLOGY = topology_of(Brokers("embedded"))


def test_a_seed_draws_the_same_faults_again() -> None:
    assert draw(7, 60, TOPOLOGY) == draw(7, 60, TOPOLOGY)
    assert draw(7, 60, TOPOLOGY) != draw(8, 60, TOPOLOGY)


def test_a_seed_draws_the_same_runs_again() -> None:
    assert draw_run(7, 3, 1, players=20) == draw_run(7, 3, 1, players=20)
    assert draw_run(7, 3, 1, players=20) != draw_run(7, 3, 2, players=20)


def test_twenty_seeds_have_three_hundred_faults_of_every_kind_against_everyone() -> None:
    faults = [fault for seed in range(1, 21) for fault in draw(seed, 60, TOPOLOGY)]
    assert len(faults) >= 300
    assert {fault.kind for fault in faults} == {*WEIGHTS, "skew"}
    hit = {fault.target for fault in faults if fault.kind in ("kill", "freeze")}
    assert hit == {*TOPOLOGY.ours, *TOPOLOGY.servers}
    links = {(fault.client, fault.target) for fault in faults if fault.client}
    assert {(client, server) for client in TOPOLOGY.ours for server in TOPOLOGY.servers} <= links


def test_every_fault_ends_within_its_schedule() -> None:
    for seed in range(1, 50):
        for fault in draw(seed, 60, TOPOLOGY):
            assert fault.at_s + fault.duration_s <= 60.1
            assert fault.kind != "freeze" or 0.5 <= fault.duration_s <= 20
            assert fault.kind != "skew" or 0 < abs(fault.amount) <= MAX_SKEW_MS


def test_production_engines_and_their_backends_are_hit_too() -> None:
    topology = topology_of(Brokers("three"), PRODUCTION)
    faults = [fault for seed in range(1, 21) for fault in draw(seed, 60, topology)]
    hit = {fault.target for fault in faults if fault.kind in ("kill", "freeze")}
    assert hit == {*topology.ours, *topology.servers, "kafka-controller", "temporal-postgres"}
    assert {fault.target for fault in faults if fault.kind == "flush"} == {"redis"}
    assert "temporal-postgres" not in {fault.target for fault in faults if fault.client}
