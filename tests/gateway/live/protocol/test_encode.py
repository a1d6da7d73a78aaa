"""Acknowledgements as bytes."""

from __future__ import annotations

import orjson

from gateway.live.protocol.encode import encode_ack, encode_recorded
from gateway.live.protocol.messages import AnswerAck


def test_the_quick_way_says_what_the_model_says() -> None:
    model = encode_ack(AnswerAck(status="recorded", elapsed_ms=1_234))
    assert orjson.dumps(encode_recorded(1_234)) == orjson.dumps(model)
