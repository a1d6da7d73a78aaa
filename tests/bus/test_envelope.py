from __future__ import annotations

import orjson
import pytest

from bus.envelope import decode, encode
from bus.messages import RunEvent, live_message
from tests.bus.samples import new_run_id, run_event

HEAD = {
    "specversion": "1.0",
    "id": "x",
    "source": "/s",
    "subject": "r",
    "time": "2026-01-01T00:00:00Z",
}


def encoded(event: RunEvent) -> bytes:
    return encode(
        type=f"quizrun.{event.type}.v1",
        source="/quizrun",
        subject=event.run_id,
        id=event.event_id,
        time_ms=1_700_000_000_123,
        data=event,
    )


def test_an_event_is_a_cloud_event_and_comes_back_as_it_was() -> None:
    event = run_event(new_run_id(), 4, "question.closing")
    document = orjson.loads(encoded(event))
    assert document["specversion"] == "1.0"
    assert document["type"] == "quizrun.question.closing.v1"
    assert document["id"] == f"{event.run_id}/4"
    assert document["time"] == "2023-11-14T22:13:20.123000Z"
    assert live_message(decode(encoded(event))) == event


def test_a_snapshot_that_is_encoded_already_gives_the_same_event() -> None:
    event = run_event(new_run_id(), 4, "question.closing")
    assert event.encoded(event.snapshot.model_dump_json()) == event.model_dump_json().encode()


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        orjson.dumps({**HEAD, "type": "t"}),
        orjson.dumps({**HEAD, "type": "t", "data": {}, "specversion": "0.3"}),
        orjson.dumps({**HEAD, "type": "t", "data": {}, "id": ""}),
        orjson.dumps({**HEAD, "type": "quizrun.run.locked.v1", "data": {"version": 1}}),
        encoded(run_event("a", 1)).replace(b'"subject":"a"', b'"subject":"b"'),
    ],
)
def test_malformed_events_raise_value_error(value: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"."):
        live_message(decode(value))


def test_types_of_newer_releases_are_ignored() -> None:
    later = orjson.dumps({**HEAD, "type": "quizrun.run.locked.v2", "data": {"new": 1}})
    assert live_message(decode(later)) is None
