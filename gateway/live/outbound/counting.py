"""Counts of the answers to the open question, for hosts."""

from __future__ import annotations

from typing import Any, TypedDict

from db.answers import Answers
from db.moderation import AnswerModeration
from gateway.live.protocol import messages as m
from gateway.live.room.room import Room
from quiz.moderation import MAX_LISTED, shown_lines
from quiz.presentation import PublicQuestion, count_picks, most_frequent
from quiz.run import Phase

FREE_ANSWERS = 200
"""How many different free texts are read to find the ten most frequent: thousands of players may
write as many, and this runs twice a second.
"""


class Picks(TypedDict):
    """`counts` by option, or `answers` as `{answer, count}`."""

    counts: list[int] | None
    answers: list[Any] | None


NO_PICKS = Picks(counts=None, answers=None)


class AnswerCounts:
    """Counts in the database, because a gateway knows only its own answers."""

    def __init__(self, answers: Answers, moderation: AnswerModeration) -> None:
        self._answers = answers
        self._moderation = moderation

    async def picks(self, room: Room) -> Picks:
        """Return what was answered to the room's current question."""
        shown = room.snapshot.question
        if shown is None or shown.type == "slide":
            return NO_PICKS
        options = option_count(shown)
        if options:
            given = await self._answers.counts(room.run_id, shown.question)
            return Picks(counts=count_picks(options, given), answers=None)
        given = await self._answers.counts(room.run_id, shown.question, limit=FREE_ANSWERS)
        if moderated(room):  # the big screen is fed by the hosts' stream, too
            choices = await self._moderation.of(room.run_id, shown.question)
            return Picks(
                counts=None, answers=shown_lines(most_frequent(given, MAX_LISTED), choices)
            )
        return Picks(counts=None, answers=most_frequent(given))

    async def progress(self, room: Room) -> m.HostProgressFields | None:
        """Return the progress of the open question; None if there is none."""
        if room.state.phase is not Phase.QUESTION:
            return None
        question = room.state.question
        answered, _ = await self._answers.tally(room.run_id, question)
        return m.HostProgressFields(
            **await self.picks(room),
            question=question,
            answered=max(answered, len(room.answers)),
            players=room.player_count.total,
            connections=room.connections,
        )


def moderated(room: Room) -> bool:
    """Whether typed answers to the current question are shown only after the host's review."""
    question = room.snapshot.question
    typed = question is not None and question.type == "text"
    return typed and room.state.settings.moderate_answers


def option_count(question: PublicQuestion) -> int:
    """Return how many options can be picked; 0 for texts, orders and slides."""
    if question.type == "boolean":
        return 2
    if question.type in ("single", "multiple", "poll"):
        return len(question.options or ())
    return 0
