"""A small run of the comparison in `make bench`: that it compares equals, not who is faster."""

from __future__ import annotations

import pytest

from bench.rivals import durable
from bench.rivals.compare import flat, medians, ratio, sample
from bench.rivals.servers import RIVALS, Rival, versions
from bench.targets import missed

pytestmark = pytest.mark.alone

SOCKETS = 20


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
async def test_every_server_broadcasts_to_all_and_acknowledges_all(rival: Rival) -> None:
    found = flat(await sample(rival, SOCKETS, deliveries=200, answers=200))
    assert found["broadcast.per_s"] > 0
    assert found["acks.per_s"] > 0


def test_versions_of_compared_servers_are_reported() -> None:
    assert {"python-socketio", "picows", "uvicorn", "node", "socket.io"} <= set(versions())
    assert versions()["socket.io"].startswith("4.8.")


def made(rival: str, turn: int, per_s: float) -> dict[str, object]:
    return {
        "sockets": 1_000,
        "round": turn,
        "rival": rival,
        "broadcast": {"per_s": per_s},
        "acks": {"per_s": per_s},
    }


def test_ratios_are_medians_of_ratios_per_round() -> None:
    samples = [
        *(made("ours", turn, per_s) for turn, per_s in enumerate((100.0, 10.0, 40.0))),
        *(made("node", turn, per_s) for turn, per_s in enumerate((50.0, 10.0, 10.0))),
    ]
    assert medians(samples, 1_000, "ours")["broadcast.per_s"] == 40
    assert ratio(samples, 1_000, "broadcast.per_s", "ours", "node") == 2


def test_durable_acknowledgements_are_compared_only_by_acknowledgements() -> None:
    stored = {"sockets": 1_000, "round": 0, "rival": "durable", "acks": {"per_s": 5.0}}
    samples = [made("ours", 0, 20.0), made("node", 0, 10.0), stored]
    assert ratio(samples, 1_000, "broadcast.per_s", "ours", "node") == 2
    assert ratio(samples, 1_000, "acks.per_s", "durable", "node") == 0.5


async def test_acknowledged_answers_are_stored_and_measured() -> None:
    found = flat(await durable.sample(SOCKETS, gateways=2, bursts=1))
    assert found["acks.per_s"] > 0
    assert found["acks.cpu_us"] > 0
    assert found["acks.postgres_cpu_us"] > 0


def test_a_missed_target_is_reported() -> None:
    names = ("ours", "node", "stock", "raw", "durable")
    samples = [made(name, turn, 100.0) for turn in range(3) for name in names]
    found = missed({"rivals": {"samples": samples}})
    assert [line for line in found if "node" in line] == [
        "1,000 sockets: broadcast.per_s is 1.00 × node, not 2 ×"
    ]
    assert missed({}) == []
