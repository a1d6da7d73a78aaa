"""A small run of the comparison in `make bench`: that it compares equals, not who is faster."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from picows import WSFrame, WSMsgType, WSTransport

from bench import plot
from bench.proc import cpu_s
from bench.report import tables
from bench.rivals import durable
from bench.rivals.clients import CentrifugoClient
from bench.rivals.compare import cpu_ratio, flat, medians, ratio, sample
from bench.rivals.programs import MissingError
from bench.rivals.servers import (
    CENTRIFUGO,
    NODE,
    OURS,
    RIVALS,
    RUST,
    Rival,
    available,
    locked_crates,
    versions,
)
from bench.targets import missed

pytestmark = pytest.mark.alone

SOCKETS = 20


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
async def test_every_server_broadcasts_to_all_and_acknowledges_all(rival: Rival) -> None:
    try:
        rival.command(build=False)
    except MissingError as reason:
        pytest.skip(f"{rival.title}: {reason}")  # builds of minutes are not for a test
    size = {"deliveries": 200, "single_deliveries": 100, "answers": 200}
    found = flat(await sample(rival, SOCKETS, **size))
    for part in ("broadcast", "single", "acks"):
        assert found[f"{part}.per_s"] > 0
        assert found[f"{part}.cpu_us"] > 0


def test_versions_of_compared_servers_are_reported() -> None:
    found = versions([NODE])
    assert {"python-socketio", "picows", "uvicorn", "node", "socket.io"} <= set(found)
    assert found["socket.io"].startswith("4.8.")
    assert {"socketioxide", "tokio"} == set(locked_crates())


def test_a_server_without_its_toolchain_is_skipped_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    said: list[str] = []
    assert available([RUST, OURS, CENTRIFUGO], said.append) == [OURS]
    assert said == [
        "Skipped: socketioxide (Rust). Building it needs cargo on the PATH.",
        "Skipped: Centrifugo (Go). Building it needs go (version 1.26 or newer) on the PATH.",
    ]


async def test_a_client_of_centrifugo_counts_every_message_of_a_frame() -> None:
    """Centrifugo puts several messages into a frame, one per line."""
    got: list[int] = []
    client, sent = CentrifugoClient(got.append), Sent()
    client.on_ws_connected(cast("WSTransport", sent))
    for payload in (b'{"id":1,"connect":{}}', b'{"id":2,"subscribe":{}}', b"{}", b"{}\n{}\n"):
        client.on_ws_frame(cast("WSTransport", sent), cast("WSFrame", Frame(payload)))
    assert sent.payloads == [
        b'{"id":1,"connect":{}}',
        b'{"id":2,"subscribe":{"channel":"run"}}',
        b"{}",  # a pong
    ]
    assert client.ready.done()
    assert got == [2]
    order, replies = client.order(3)
    assert (order.count(b"\n"), replies) == (2, 3)


class Sent:
    """A transport that keeps what is sent."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []

    def send(self, _kind: WSMsgType, payload: bytes) -> None:
        self.payloads.append(payload)


@dataclass
class Frame:
    """A text frame."""

    payload: bytes
    msg_type: WSMsgType = WSMsgType.TEXT

    def get_payload_as_bytes(self) -> bytes:
        return self.payload


def test_cpu_of_ended_threads_counts() -> None:
    """Bun and Go end threads; what they used must not vanish from the comparison."""
    program = (
        "import threading, time\n"
        "def work():\n"
        "    while time.thread_time() < 0.2: pass\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()\n"
        "print('ended', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert cpu_s(process.pid) >= 0.2
        process.kill()
    assert cpu_s(process.pid) == 0


def made(rival: str, turn: int, per_s: float, cpu_us: float = 1.0) -> dict[str, Any]:
    return {
        "sockets": 1_000,
        "round": turn,
        "rival": rival,
        "broadcast": {"per_s": per_s, "cpu_us": cpu_us},
        "single": {"per_s": per_s, "cpu_us": cpu_us, "ms": 1.0},
        "acks": {"per_s": per_s, "cpu_us": cpu_us},
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
    assert not [line for line in found if "cpu_us" in line]
    assert missed({}) == []


def test_cpu_is_compared_with_the_cheapest_other_server() -> None:
    costs = {"ours": 3.0, "node": 6.0, "socketioxide": 2.0, "raw": 1.0}
    samples = [made(name, 0, 100.0, cost) for name, cost in costs.items()]
    assert cpu_ratio(samples, 1_000, "acks.cpu_us") == (1.5, "socketioxide")
    found = missed({"rivals": {"samples": samples}})
    assert "1,000 sockets: acks.cpu_us is 1.50 × socketioxide, over 1 ×" in found
    assert cpu_ratio(samples[:1], 1_000, "acks.cpu_us") is None


def test_measurements_become_tables_and_a_plot(tmp_path: Path) -> None:
    samples = [made(name, turn, 100.0) for turn in range(2) for name in ("ours", "node", "bun")]
    shown, ratios = tables({"rivals": {"samples": samples}})
    assert shown.row_count == 3
    assert ratios.row_count == 1
    plot.draw(samples, tmp_path / "plot.svg")
    assert "socket.io on Bun" in (tmp_path / "plot.svg").read_text()
