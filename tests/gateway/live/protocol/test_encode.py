"""Acknowledgements as bytes."""

from __future__ import annotations

import orjson

from db.scoring import PlayerResult
from gateway.live.protocol.encode import encode, encode_ack, encode_fields, encode_recorded
from gateway.live.protocol.messages import AnswerAck, OwnResult
from gateway.live.protocol.views import own_result_fields


def test_the_quick_way_says_what_the_model_says() -> None:
    model = encode_ack(AnswerAck(status="recorded", elapsed_ms=1_234))
    assert orjson.dumps(encode_recorded(1_234)) == orjson.dumps(model)


def test_a_result_without_its_model_is_the_same() -> None:
    fields = own_result_fields(None, PlayerResult(True, 900, 1_800, 2), 3)
    assert orjson.dumps(encode_fields(fields)) == orjson.dumps(encode(OwnResult(**fields)))
