"""The codec server's protocol with the Temporal UI."""

from __future__ import annotations

import base64
import os

import pytest
from aiohttp.test_utils import TestClient, TestServer
from google.protobuf.json_format import MessageToDict, ParseDict
from temporalio.api.common.v1 import Payloads

from deploy.cli import codec_server
from deploy.codec_server import codec_app
from deploy.errors import StackError
from workflows.codec import EncryptionCodec
from workflows.connection import data_converter

UI = "https://temporal.example"


async def test_the_ui_can_decode_a_runs_history() -> None:
    keys = {"k": os.urandom(32)}
    written = Payloads(payloads=await data_converter(keys).encode(["Capitals"]))
    async with TestClient(TestServer(codec_app(EncryptionCodec(keys), UI))) as browser:
        asked = await browser.options("/decode", headers={"Origin": UI})
        assert asked.status == 204
        assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]

        answer = await browser.post("/decode", json=MessageToDict(written))
        assert answer.headers["Access-Control-Allow-Origin"] == UI
        found = ParseDict(await answer.json(), Payloads())
        assert found.payloads[0].data == b'"Capitals"'
        again = await browser.post("/encode", json=MessageToDict(found))
        assert "encryption-key-id" in (await again.json())["payloads"][0]["metadata"]


@pytest.mark.parametrize(
    "given", [None, "", "Bearer wrong", "Basic token", "token", "Bearer \udce4"]
)
async def test_a_token_is_required_if_there_is_one(given: str | None) -> None:
    keys = {"k": os.urandom(32)}
    body = MessageToDict(Payloads(payloads=await data_converter(keys).encode(["Capitals"])))
    headers = {} if given is None else {"Authorization": given}
    app = codec_app(EncryptionCodec(keys), UI, "the right token")
    async with TestClient(TestServer(app)) as browser:
        for path in ("/decode", "/encode"):
            answer = await browser.post(path, json=body, headers=headers)
            assert answer.status == 401
            assert answer.headers["Access-Control-Allow-Origin"] == UI
            assert "Capitals" not in await answer.text()
        right = {"Authorization": "Bearer the right token"}
        assert (await browser.post("/decode", json=body, headers=right)).status == 200
        assert (await browser.options("/decode")).status == 204  # preflights have no credentials


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1"])
def test_without_a_token_it_listens_on_this_machine_only(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    monkeypatch.setenv("QUIZRUN_TEMPORAL_CODEC_KEYS", f"k:{key}")
    with pytest.raises(StackError, match="QUIZRUN_CODEC_TOKEN"):
        codec_server(UI, host, 8234)


@pytest.mark.parametrize(("body", "status"), [("[", 400), ('{"payloads": 1}', 400)])
async def test_invalid_requests_are_rejected(body: str, status: int) -> None:
    app = codec_app(EncryptionCodec({"k": os.urandom(32)}), UI)
    async with TestClient(TestServer(app)) as browser:
        assert (await browser.post("/decode", data=body)).status == status


async def test_a_history_encrypted_with_another_key_is_rejected() -> None:
    foreign = Payloads(payloads=await data_converter({"theirs": os.urandom(32)}).encode([1]))
    app = codec_app(EncryptionCodec({"ours": os.urandom(32)}), UI)
    async with TestClient(TestServer(app)) as browser:
        answer = await browser.post("/decode", json=MessageToDict(foreign))
        assert (answer.status, "theirs" in await answer.text()) == (422, True)
