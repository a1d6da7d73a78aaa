"""Temporal with TLS and client certificates, and encrypted histories."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp.test_utils import TestClient, TestServer
from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import SecretStr, ValidationError
from temporalio.api.common.v1 import Payloads
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.worker import Replayer

from deploy.check.temporal import check_temporal
from deploy.codec_server import codec_app
from deploy.local.ports import LOOPBACK
from telemetry.settings import TemporalSettings
from tests.workflows.sandbox import sandbox
from tests.workflows.stage import Stage, command, open_run, refused
from workflows.codec import DecryptionError, EncryptionCodec
from workflows.connection import connect, data_converter, tls_of
from workflows.quiz_run import QuizRun

KEYS = {name: base64.b64encode(os.urandom(32)).decode() for name in ("old", "new")}


def keyed(client: Client, *names: str) -> TemporalSettings:
    """Build settings with these keys; the first one encrypts."""
    keys = ",".join(f"{name}:{KEYS[name]}" for name in names)
    return TemporalSettings(
        temporal_address=client.service_client.config.target_host,
        temporal_codec_keys=SecretStr(keys) if keys else None,
    )


async def test_runs_started_in_plain_text_or_with_the_old_key_end_with_the_new_key(
    client: Client,
) -> None:
    stage = Stage(limit_ms=1_000)
    before, after = keyed(client, "old"), keyed(client, "new", "old")
    handles = [
        await open_run(await connect(settings), stage, 1, countdown_s=0, reveal_s=1)
        for settings in (keyed(client), before)
    ]
    async with stage.open(rotated := await connect(after)):
        for opened in handles:
            handle = rotated.get_workflow_handle(opened.id)
            await command(handle, "start")
            assert await refused(handle, "start") == "command_not_allowed"
            await handle.result()


async def test_without_a_key_nothing_of_a_run_can_be_read(client: Client) -> None:
    stage = Stage(limit_ms=1_000)
    encrypted = await connect(keyed(client, "old"))
    async with stage.open(encrypted):
        opened = await open_run(encrypted, stage, 1, countdown_s=0, reveal_s=1)
        await command(opened, "start")
        with pytest.raises(WorkflowUpdateFailedError):
            await command(opened, "start")
        await opened.result()
    history = await client.get_workflow_handle(opened.id).fetch_history()
    raw = b"".join(event.SerializeToString() for event in history.events)
    assert b"countdown_s" not in raw
    assert b"command_not_allowed" not in raw
    everything = [
        payload for event in history.events for payload in _payloads(MessageToDict(event))
    ]
    payloads = [payload for payload in everything if not _describes_local_activity(payload)]
    assert len(payloads) > 10
    encodings = {base64.b64decode(one["metadata"]["encoding"]) for one in payloads}
    assert encodings == {b"binary/encrypted"}
    with pytest.raises(DecryptionError, match="has no key “old”"):
        await (await connect(keyed(client, "new"))).get_workflow_handle(opened.id).result()

    keys = keyed(client, "new", "old").codec_keys
    app = codec_app(EncryptionCodec(keys), "https://temporal.example", "a token for the UI")
    async with TestClient(TestServer(app)) as ui:
        answer = await ui.post(
            "/decode",
            json={"payloads": payloads},
            headers={"Authorization": "Bearer a token for the UI"},
        )
        shown = ParseDict(await answer.json(), Payloads()).payloads
    assert len(shown) == len(payloads)
    assert any(b"countdown_s" in payload.data for payload in shown)
    replayer = Replayer(
        workflows=[QuizRun], workflow_runner=sandbox(), data_converter=data_converter(keys)
    )
    await replayer.replay_workflow(WorkflowHistory(opened.id, history.events))


def _payloads(value: Any) -> list[dict[str, Any]]:
    """All payloads in `value`, except search attributes."""
    if isinstance(value, list):
        return [found for one in value for found in _payloads(one)]
    if not isinstance(value, dict):
        return []
    if "encoding" in value.get("metadata", {}):
        return [value]
    left_out = {"searchAttributes"}
    return [found for key, one in value.items() if key not in left_out for found in _payloads(one)]


def _describes_local_activity(payload: dict[str, Any]) -> bool:
    """Whether it is the SDK's own record of a local activity: name, attempt, times."""
    content = base64.b64decode(payload["data"])
    return content.startswith(b'{"seq":') and b'"activity_type":' in content


async def test_a_modified_payload_is_rejected(client: Client) -> None:
    codec = EncryptionCodec({"old": base64.b64decode(KEYS["old"])})
    (payload,) = await codec.encode(await client.data_converter.encode(["an answer"]))
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    with pytest.raises(DecryptionError, match="cannot be decrypted"):
        await codec.decode([payload])


@pytest.mark.parametrize(
    "keys",
    ["old", "old:c2hvcnQ=", f"a:{KEYS['old']},a:{KEYS['new']}"],
    ids=["no key", "too short", "one id twice"],
)
def test_malformed_keys_are_refused(keys: str) -> None:
    with pytest.raises(ValidationError, match="it is not a list of id:key"):
        TemporalSettings(temporal_address="a:7233", temporal_codec_keys=SecretStr(keys))


@contextlib.asynccontextmanager
async def behind_tls(target: str, context: ssl.SSLContext) -> AsyncIterator[str]:
    """Run a TLS-terminating proxy, as in front of a managed Temporal; yield its address."""
    host, _, port = target.rpartition(":")

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    server = await asyncio.start_server(serve, LOOPBACK, 0, ssl=context)
    try:
        yield f"{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_mutual_tls(client: Client, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours = authority.issue_cert("quizrun.example")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    ours.private_key_pem.write_to_path(tmp_path / "client.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("temporal.example").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    async with behind_tls(client.service_client.config.target_host, context) as address:
        given: dict[str, Any] = {
            "temporal_address": address,
            "temporal_ca_file": str(tmp_path / "ca.pem"),
            "temporal_cert_file": str(tmp_path / "client.pem"),
            "temporal_key_file": str(tmp_path / "client.key"),
            "temporal_server_name": "temporal.example",
            "temporal_api_key": SecretStr("an API key"),
        }
        connected = await connect(TemporalSettings(**given))
        await connected.workflow_service.get_system_info(GetSystemInfoRequest())
        found = await check_temporal(TemporalSettings(**given))
        assert found.ok, found.faults
        assert found.facts["TLS"] == "yes"

        wrong_name = TemporalSettings(**{**given, "temporal_server_name": "other.example"})
        (fault,) = (await check_temporal(wrong_name)).faults
        assert "the server's certificate is for another name" in fault
        nobody = {**given, "temporal_cert_file": "", "temporal_key_file": ""}
        (fault,) = (await check_temporal(TemporalSettings(**nobody))).faults
        assert fault.startswith(f"Temporal at {address} cannot be used: ")


def test_an_api_key_never_travels_in_plain_text() -> None:
    given = TemporalSettings(temporal_address="a:7233", temporal_api_key=SecretStr("key"))
    assert tls_of(given) is not None
    assert tls_of(TemporalSettings(temporal_address="a:7233")) is None
