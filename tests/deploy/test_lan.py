"""`quizrun up --lan`: the local network address, without overriding the user's settings."""

from __future__ import annotations

import io
import ipaddress
import socket

import pytest

from deploy.errors import StackError
from deploy.local import lan
from deploy.local.settings import Settings
from deploy.local.up import Size


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUIZRUN_HTTP_HOST", "QUIZRUN_PUBLIC_URL", "QUIZRUN_HTTP_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def in_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "lan_address", lambda: "192.168.1.20")


def test_the_lan_address_is_ours_and_reachable_by_others() -> None:
    try:
        found = lan.lan_address()
    except StackError as error:
        assert "QUIZRUN_PUBLIC_URL" in str(error)  # without a network, the error says what to do
        return
    address = ipaddress.ip_address(found)
    assert not address.is_loopback
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((found, 0))  # fails for another machine's address


def test_a_missing_network_is_reported_with_the_settings_to_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lan, "_ELSEWHERE", ((socket.AF_INET, "127.0.0.1"),))
    with pytest.raises(StackError, match="QUIZRUN_PUBLIC_URL"):
        lan.lan_address()


@pytest.mark.usefixtures("in_a_network")
def test_lan_listens_on_all_interfaces_and_uses_its_address() -> None:
    settings = lan.on_the_lan(Settings(http_port=8123))
    assert (settings.http_host, settings.public_url) == ("0.0.0.0", "http://192.168.1.20:8123")
    assert lan.reachable(settings)


@pytest.mark.usefixtures("in_a_network")
def test_lan_does_not_override_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZRUN_HTTP_HOST", "192.168.7.7")
    monkeypatch.setenv("QUIZRUN_PUBLIC_URL", "https://quiz.school.example")
    settings = lan.on_the_lan(Settings())
    assert settings.http_host == "192.168.7.7"
    assert settings.public_url == "https://quiz.school.example"


@pytest.mark.parametrize(
    ("host", "public_url", "reachable"),
    [
        ("127.0.0.1", None, False),
        ("localhost", "http://localhost:8000", False),
        ("::1", "http://127.0.0.2:8000", False),
        ("0.0.0.0", None, True),
        ("192.168.1.20", "http://localhost:8000", True),
        # a tunnel or a proxy on the same machine
        ("127.0.0.1", "https://quiz.example", True),
    ],
)
def test_reachability_from_other_machines(
    host: str, public_url: str | None, *, reachable: bool
) -> None:
    assert lan.reachable(Settings(http_host=host, public_url=public_url)) is reachable


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"http_host": "0.0.0.0"},
        {"public_url": "https://quiz.example"},
        {"database_url": "postgresql://quizrun@db.example/quizrun"},
    ],
)
def test_no_demo_account_is_created_where_others_may_reach_it(elsewhere: dict[str, str]) -> None:
    alone = lan.exposed(Settings())
    exposed = lan.exposed(Settings.model_validate(elsewhere))
    assert Size().samples(exposed=alone)
    assert not Size().samples(exposed=exposed)
    assert Size(sample=True).samples(exposed=exposed)
    assert not Size(sample=False).samples(exposed=alone)


def test_the_qr_code_is_drawn_with_half_blocks() -> None:
    out = io.StringIO()
    lan.print_qr("http://192.168.1.20:8000", out)
    rows = out.getvalue().splitlines()
    assert len(rows) > 12
    assert set("".join(rows)) <= set("█▀▄ ")
