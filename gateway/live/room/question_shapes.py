"""What kinds of answers the questions of a run take, for rooms that were opened later."""

from __future__ import annotations

from db.runs import Runs
from gateway.live.room.room import Room, Shape
from gateway.single_flight import SingleFlight
from quiz.content import Question


class QuestionShapes:
    """Loads them from the quiz, once however many ask."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._loading: SingleFlight[dict[int, Shape]] = SingleFlight()

    async def learn(self, room: Room, question: int) -> None:
        """Make the room know the shape of one of its run's questions."""
        if not room.knows_shape(question):
            room.learn_shapes(await self._loading.run(room.run_id, lambda: self._load(room.run_id)))

    async def _load(self, run_id: str) -> dict[int, Shape]:
        run = await self._runs.get(run_id)
        quiz = await self._runs.content(run.quiz_id, run.quiz_version)
        return {index: _shape(question) for index, question in enumerate(quiz.questions)}


def _shape(question: Question) -> Shape:
    return question.type, len(getattr(question, "options", None) or ())
