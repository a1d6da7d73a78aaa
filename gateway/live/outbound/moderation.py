"""Typed answers shown after the reveal, as the host reviews them."""

from __future__ import annotations

from db.answers import Answers
from db.moderation import AnswerModeration
from gateway.live.outbound.counting import FREE_ANSWERS, moderated
from gateway.live.outbound.fanout import Fanout
from gateway.live.protocol import messages as m
from gateway.live.room.room import Room
from quiz.moderation import shown_lines, typed_lines
from quiz.run import Phase


class Moderation:
    """Keeps what a room shows in step with the host's review.

    The reveal was published with what had been reviewed until then. Later reviews are stored, and
    every gateway derives from them what its clients see.
    """

    def __init__(self, answers: Answers, moderation: AnswerModeration, fanout: Fanout) -> None:
        self._answers = answers
        self._moderation = moderation
        self._fanout = fanout

    async def prepare(self, room: Room) -> None:
        """Load what is shown, for a snapshot of a reveal."""
        reveal = room.snapshot.reveal
        known = room.shown_answers
        if reveal is not None and (known is None or known[0] != reveal.question):
            await self._load(room)

    async def refresh(self, room: Room, question: int | None) -> None:
        """Send what is shown now that the host has reviewed answers to `question`."""
        if room.state.question != question or not await self._load(room):
            return
        assert room.shown_answers is not None
        shown, lines = room.shown_answers
        await self._fanout.to_all(room.run_id, m.Answers(question=shown, distribution=lines))

    async def _load(self, room: Room) -> bool:
        reveal = room.snapshot.reveal
        if reveal is None or room.state.phase is not Phase.REVEAL or not moderated(room):
            return False
        given = await self._answers.counts(room.run_id, reveal.question, limit=FREE_ANSWERS)
        choices = await self._moderation.of(room.run_id, reveal.question)
        lines = shown_lines(typed_lines(given, reveal.solution["accepted"]), choices)
        room.show_answers(reveal.question, lines)
        return True
