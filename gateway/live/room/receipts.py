"""Counts of acknowledgements, which hosts can compare with what is stored and scored."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import structlog

from db.receipts import Receipt, Receipts
from gateway.live.room.room import Room
from quiz.errors import QuizrunError

STORE_EVERY_S = 1.0

log = structlog.get_logger(__name__)


class ReceiptWriter:
    """Stores how many answers this gateway acknowledged, by run and question: one statement a
    second for all runs, none while nothing changes.
    """

    def __init__(self, gateway_id: str, receipts: Receipts) -> None:
        self._gateway_id = gateway_id
        self._receipts = receipts
        self._counts: dict[str, Mapping[int, int]] = {}
        self._stored: dict[str, Counter[int]] = {}
        self._left: set[str] = set()

    def watch(self, room: Room) -> None:
        """Count for a room, continuing from an earlier room of the run."""
        # The earlier room's counts are final: a room closes `registry.LINGER_S` after its last
        # socket left, and an answer is settled within 14 s (`BatchWriter`: the last attempt begins
        # before `timeout_s` of 10 s has passed, and takes a third of that at most).
        room.continue_acknowledged(self._counts.get(room.run_id, {}))
        self._counts[room.run_id] = room.acknowledged
        self._left.discard(room.run_id)

    def unwatch(self, room: Room) -> None:
        """Forget the run once its counts are stored, if it is over."""
        if room.state.phase.over:
            self._left.add(room.run_id)

    async def run(self) -> None:
        """Store each second, until cancelled."""
        while True:
            await asyncio.sleep(STORE_EVERY_S)
            await self.store()

    async def store(self) -> None:
        """Store what has changed. What fails is stored the next time."""
        changed = [
            Receipt(run_id, question, count)
            for run_id, counts in self._counts.items()
            for question, count in counts.items()
            if self._stored.get(run_id, Counter())[question] != count
        ]
        try:
            await self._receipts.add(self._gateway_id, changed)
        except QuizrunError as error:
            log.warning("receipts.not_stored", questions=len(changed), error=error)
            return
        for one in changed:
            self._stored.setdefault(one.run_id, Counter())[one.question] = one.acknowledged
        for run_id in self._left:
            self._counts.pop(run_id, None)
            self._stored.pop(run_id, None)
        self._left.clear()
