"""Tokens for Amazon MSK with IAM, as far as they can be tested without AWS."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from bus.connection import KafkaConnection
from telemetry.settings import KafkaSettings


async def test_a_token_is_a_signed_request_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of a role")
    settings = KafkaSettings(
        kafka_bootstrap="b-1.example.kafka.eu-central-1.amazonaws.com:9098",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="OAUTHBEARER",
        kafka_msk_region="eu-central-1",
    )
    provider = KafkaConnection.from_settings(settings).security["sasl_oauth_token_provider"]
    token = await provider.token()
    assert "=" not in token
    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.hostname == "kafka.eu-central-1.amazonaws.com"
    assert query["Action"] == "kafka-cluster:Connect"
    assert query["X-Amz-Credential"].endswith("/eu-central-1/kafka-cluster/aws4_request")
    assert query["X-Amz-Expires"] == "900"
    assert query["X-Amz-Security-Token"] == "of a role"
    assert len(query["X-Amz-Signature"]) == 64
