"""Settings from variables and files: every fault is one sentence without secrets."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from deploy.configuration import SECTIONS
from telemetry.environment import ConfigurationError, load_settings
from telemetry.settings import ServerSettings
from workers.settings import WorkerSettings

RIGHT = {
    "QUIZRUN_DATABASE_URL": "postgresql://quizrun:hidden@db/quizrun",
    "QUIZRUN_REDIS_URL": "redis://redis/0",
    "QUIZRUN_KAFKA_BOOTSTRAP": "kafka-1:9092, kafka-2:9092",
    "QUIZRUN_TEMPORAL_ADDRESS": "temporal:7233",
    "QUIZRUN_SECRET": "a hidden text of at least thirty-two characters",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("QUIZRUN_"):
            monkeypatch.delenv(name)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)


def faults() -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(WorkerSettings)
    return raised.value.faults


def test_every_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RIGHT:
        monkeypatch.setenv(name, "")  # empty is not set
    assert set(faults()) == {f"{name} is not set." for name in RIGHT}


def test_any_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {**RIGHT, "QUIZRUN_KAFKA_PARTITIONS": "12"}.items():
        monkeypatch.delenv(name, raising=False)
        (tmp_path / name).write_text(f"{value}\n")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    settings = load_settings(WorkerSettings)
    assert settings.secret.get_secret_value() == RIGHT["QUIZRUN_SECRET"]
    assert settings.kafka_partitions == 12


def test_a_setting_cannot_have_both_a_value_and_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QUIZRUN_SECRET_FILE", str(tmp_path))
    monkeypatch.setenv("QUIZRUN_REDIS_PASSWORD_FILE", str(tmp_path / "gone"))
    gone, both = sorted(faults())
    assert both == "QUIZRUN_SECRET and QUIZRUN_SECRET_FILE are both set; only one may be."
    assert gone.startswith("QUIZRUN_REDIS_PASSWORD_FILE: ")
    assert gone.endswith("cannot be read: No such file or directory.")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"DATABASE_URL": "mysql://db"}, "QUIZRUN_DATABASE_URL does not start with postgresql://."),
        ({"REDIS_URL": "http://redis"}, "QUIZRUN_REDIS_URL does not start with one of redis://"),
        ({"REDIS_CA_FILE": __file__}, "QUIZRUN_REDIS_…_FILE settings require a URL"),
        ({"KAFKA_BOOTSTRAP": "kafka"}, "QUIZRUN_KAFKA_BOOTSTRAP: “kafka” is not of the form"),
        ({"KAFKA_PARTITIONS": "many"}, "QUIZRUN_KAFKA_PARTITIONS: Input should be a valid integer"),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "QUIZRUN_KAFKA_SECURITY_PROTOCOL: Input should be"),
        ({"KAFKA_CA_FILE": "/gone"}, "QUIZRUN_KAFKA_CA_FILE: /gone does not exist or is not"),
        ({"KAFKA_SASL_USERNAME": "me"}, "QUIZRUN_KAFKA_SASL_USERNAME requires"),
        ({"TEMPORAL_CERT_FILE": __file__}, "QUIZRUN_TEMPORAL_CERT_FILE is set, but"),
        ({"TEMPORAL_CODEC_KEYS": "hidden"}, "QUIZRUN_TEMPORAL_CODEC_KEYS: it is not a list"),
        ({"SECRET": "hidden"}, "QUIZRUN_SECRET must have at least 32 characters."),
    ],
)
def test_an_invalid_value_is_reported_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], message: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"QUIZRUN_{name}", value)
    found = faults()
    assert any(fault.startswith(message) for fault in found), found
    assert all(fault.endswith(".") and "\n" not in fault for fault in found)
    assert "hidden" not in " ".join(found)


def test_all_faults_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZRUN_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("QUIZRUN_TEMPORAL_ADDRESS", "temporal")
    monkeypatch.setenv("QUIZRUN_DATABASE_URL", "db")
    assert len(faults()) == 4  # a user, a password, an address, a URL


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZRUN_KAFKA_SASL_PASSWORD", "hidden")
    assert "hidden" not in repr(load_settings(ServerSettings))


def test_no_setting_is_named_like_the_file_of_another() -> None:
    names = set(itertools.chain.from_iterable(kind.model_fields for _, kind in SECTIONS))
    assert not {f"{name}_file" for name in names} & names
