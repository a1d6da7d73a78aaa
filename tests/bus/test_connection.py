"""TLS and all authentication methods of producer, consumer and admin client, on Apache Kafka."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bus.connection import KafkaConnection
from bus.consumer import RunEventConsumer
from bus.messages import LiveMessage
from bus.producer import Producer
from bus.tokens import TokenCommand
from deploy.check.kafka import check_kafka
from telemetry.settings import KafkaSettings
from tests.bus.samples import new_run_id, run_event
from tests.bus.secured_kafka import PASSWORD, USER, SecuredKafka, secured_kafka, unsecured_token
from tests.waiting import until

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
async def kafka(
    _java: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SecuredKafka]:
    async with secured_kafka(tmp_path_factory.mktemp("kafka")) as running:
        yield running


def settings_for(kafka: SecuredKafka, way: str, token_file: Path, **changes: Any) -> KafkaSettings:
    """The settings of one authentication method."""
    password = {"kafka_sasl_username": USER, "kafka_sasl_password": SecretStr(PASSWORD)}
    token_file.write_text(unsecured_token() + "\n")
    printing = f"{sys.executable} -c {shlex.quote(f'print(open({str(token_file)!r}).read())')}"
    ways: dict[str, dict[str, Any]] = {
        "PLAIN": {"kafka_sasl_mechanism": "PLAIN", **password},
        "SCRAM": {"kafka_sasl_mechanism": "SCRAM-SHA-512", **password},
        "token file": {
            "kafka_sasl_mechanism": "OAUTHBEARER",
            "kafka_token_file": str(token_file),
        },
        "token command": {
            "kafka_sasl_mechanism": "OAUTHBEARER",
            "kafka_token_command": printing,
        },
        "certificate": {
            "kafka_security_protocol": "SSL",
            "kafka_bootstrap": kafka.mutual,
            "kafka_cert_file": str(kafka.cert_file),
            "kafka_key_file": str(kafka.key_file),
        },
    }
    return KafkaSettings(
        **{
            "kafka_bootstrap": kafka.sasl,
            "kafka_security_protocol": "SASL_SSL",
            "kafka_ca_file": str(kafka.ca_file),
            **ways[way],
            **changes,
        }
    )


WAYS = ("PLAIN", "SCRAM", "token file", "token command", "certificate")


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_published_arrives(kafka: SecuredKafka, way: str, tmp_path: Path) -> None:
    connection = KafkaConnection.from_settings(settings_for(kafka, way, tmp_path / "token"))
    received: list[LiveMessage] = []
    producer = Producer(connection, idempotence=True, client_id="sender")
    consumer = RunEventConsumer(connection, received.append, lambda: None, client_id="reader")
    await producer.start()
    await consumer.start()
    try:
        run_id = new_run_id()
        await producer.run_event(run_event(run_id, 1))
        await until(lambda: [message.run_id for message in received] == [run_id])
        await producer.check()
    finally:
        await consumer.stop()
        await producer.stop()


async def test_the_check_reports_what_it_found(kafka: SecuredKafka, tmp_path: Path) -> None:
    found = await check_kafka(settings_for(kafka, "SCRAM", tmp_path / "token"))
    assert found.ok, found.faults
    assert found.facts["TLS"] == "yes"
    assert found.facts["SASL"] == "SCRAM-SHA-512"
    assert found.facts["brokers"] == "1"
    assert "min.insync.replicas=1" in found.facts["quizrun.run-events"]

    wanted = settings_for(kafka, "SCRAM", tmp_path / "token", kafka_replication_factor=3)
    (fault,) = (await check_kafka(wanted)).faults
    assert fault == "QUIZRUN_KAFKA_REPLICATION_FACTOR is 3, but there are 1 brokers."


@pytest.mark.parametrize(
    ("way", "changes", "words"),
    [
        ("SCRAM", {"kafka_sasl_password": SecretStr("wrong")}, "uthentication"),
        ("PLAIN", {"kafka_sasl_password": SecretStr("wrong")}, "uthentication"),
        ("SCRAM", {"kafka_ca_file": ""}, "certificate is not trusted"),
        ("token command", {"kafka_token_command": "false"}, "the token command failed"),
        ("SCRAM", {"kafka_sasl_mechanism": "SCRAM-SHA-256"}, "Mechanism"),
    ],
)
async def test_a_refusal_is_a_sentence(
    kafka: SecuredKafka, tmp_path: Path, way: str, changes: dict[str, Any], words: str
) -> None:
    found = await check_kafka(settings_for(kafka, way, tmp_path / "token", **changes))
    (fault,) = found.faults
    assert fault.startswith(f"Kafka at {kafka.sasl} cannot be used: ")
    assert words in fault
    assert "<" not in fault


async def test_secrets_are_not_in_the_repr(kafka: SecuredKafka, tmp_path: Path) -> None:
    settings = settings_for(kafka, "SCRAM", tmp_path / "token")
    assert PASSWORD not in repr(settings)
    assert PASSWORD not in repr(KafkaConnection.from_settings(settings))


async def test_a_token_is_what_the_command_prints() -> None:
    assert await TokenCommand(["echo", " abc "]).token() == "abc"
