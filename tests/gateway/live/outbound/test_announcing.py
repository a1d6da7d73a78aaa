from __future__ import annotations

import pytest

from bus.messages import JoinedPlayer, PlayersJoinedEvent
from gateway.live.outbound import announcing
from gateway.live.outbound.announcing import JoinAnnouncer
from quiz.errors import ErrorCode, QuizrunError
from tests.waiting import until


class DoubtfulProducer:
    """Takes every message, and reports the first one as not taken."""

    def __init__(self) -> None:
        self.sent: list[PlayersJoinedEvent] = []

    async def players_joined(self, event: PlayersJoinedEvent) -> None:
        self.sent.append(event)
        if len(self.sent) == 1:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "No answer came.")


async def test_a_retried_message_repeats_its_players_and_later_ones_get_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(announcing, "RETRY_S", 0.01)
    producer = DoubtfulProducer()
    announcer = JoinAnnouncer(producer)  # type: ignore[arg-type]
    announcer.joined("a", JoinedPlayer(player_id="1", nickname="Ann"), 1)
    await until(lambda: len(producer.sent) == 1)
    announcer.joined("a", JoinedPlayer(player_id="2", nickname="Ben"), 2)
    await until(lambda: len(producer.sent) == 3)
    announcer.forget("a")
    first, again, later = producer.sent
    assert again == first
    assert [player.player_id for player in later.players] == ["2"]
    assert len({event.event_id for event in producer.sent}) == 2
