"""One run on this gateway: where it stands, who is connected here, who has answered."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from db.extra_time import ExtraTimes
from gateway.live.room.answers import UNSEEN, KnownAnswer
from gateway.live.room.extra_times import PlayerExtraTimes
from gateway.live.room.jobs import JobQueue
from gateway.live.room.player_count import PlayerCount
from gateway.live.room.scoreboard import Scoreboard
from gateway.live.room.seats import Seats
from quiz.answers import Answer, parse_answer
from quiz.content import QuestionType
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL
from quiz.run import Phase, RunState
from quiz.snapshot import RunSnapshot
from quiz.window import Window
from telemetry.clock import now_ms

RETURN_S = 5.0
"""How long early closing waits where a room opens in the middle of a question: its players may be
on their way from a gateway that died. Clients reconnect after 4.5 s at the latest.
"""

Shape = tuple[QuestionType, int]
"""What kind of answer a question takes: its type and number of options."""


class EventOrder(enum.Enum):
    """How an event follows what the room knows."""

    KNOWN = enum.auto()
    NEXT = enum.auto()
    GAP = enum.auto()


class Room:
    """One run on this gateway. Its state changes through the methods here and those of its parts.

    `version` is that of the last event taken in or state loaded. Times called `now` are monotonic
    seconds.
    """

    __slots__ = (
        "_acknowledged",
        "_answers",
        "_connections",
        "_listener",
        "_overdue",
        "_question",
        "_settled_at",
        "_shapes",
        "_shown_answers",
        "_snapshot",
        "_stale",
        "_version",
        "_window",
        "extra_times",
        "jobs",
        "media_url",
        "player_count",
        "run_id",
        "scoreboard",
        "seats",
    )

    def __init__(
        self,
        snapshot: RunSnapshot,
        *,
        players: int,
        now: float,
        extra_times: ExtraTimes | None = None,
        media_url: str = "",
    ) -> None:
        """`media_url` is the CDN that serves uploaded pictures; empty: the gateway itself."""
        self.run_id: Final = snapshot.state.run_id
        self.media_url: Final = media_url
        self.seats: Final = Seats(now)
        self.player_count: Final = PlayerCount(players)
        self.scoreboard: Final = Scoreboard()
        self.extra_times: Final = PlayerExtraTimes(extra_times)
        self.jobs: Final = JobQueue(self.run_id, self.mark_stale)
        self._acknowledged: Counter[int] = Counter()
        self._answers: dict[str, KnownAnswer] = {}
        self._connections = 0
        self._listener: Callable[[], None] = lambda: None
        self._overdue = _published_late(snapshot.state)
        self._settled_at = float("-inf")
        self._shapes: dict[int, Shape] = {}
        self._shown_answers: tuple[int, list[Any]] | None = None
        self._stale = False
        self._snapshot = snapshot
        self._take(snapshot)

    # Where the run stands

    @property
    def snapshot(self) -> RunSnapshot:
        """The run as of `version`."""
        return self._snapshot

    @property
    def state(self) -> RunState:
        """The state within the snapshot."""
        return self._snapshot.state

    @property
    def version(self) -> int:
        """The version of the snapshot."""
        return self._version

    @property
    def question(self) -> int:
        """The current question's index; −1 before the first."""
        return self._question

    @property
    def window(self) -> Window | None:
        """When answers to the open question count; None while none is open."""
        return self._window

    @property
    def overdue(self) -> bool:
        """Whether the question arrived here after its opening: the workflow may move it. True in a
        room that opens during a question, too: what is stored may not have been published yet.
        """
        return self._overdue

    @property
    def under_way(self) -> bool:
        """Whether the run has started and is not over."""
        phase = self.state.phase
        return phase is not Phase.LOBBY and not phase.over

    @property
    def answering(self) -> bool:
        """Whether answers can come in."""
        state = self.state
        return state.phase is Phase.QUESTION and state.due is None and not state.paused

    @property
    def revealed(self) -> bool:
        """Whether a question has been revealed; there are no ranks before."""
        state = self.state
        return state.question > 0 or state.phase in (Phase.REVEAL, Phase.FINISHED)

    def advance(self, snapshot: RunSnapshot) -> EventOrder:
        """Take in the snapshot of an event. A version has one content, so its number decides."""
        version = snapshot.state.version
        if version <= self._version:
            return EventOrder.KNOWN
        order = EventOrder.GAP if version > self._version + 1 else EventOrder.NEXT
        self._take(snapshot)
        return order

    def load(self, stored: RunSnapshot | None) -> bool:
        """Take in what was loaded from the store. Returns whether it was newer."""
        if stored is None or stored.state.version <= self._version:
            return False
        self._take(stored)
        return True

    def _take(self, snapshot: RunSnapshot) -> None:
        state, question, before = snapshot.state, snapshot.question, self.state
        # A question with new times keeps its answers.
        if (state.question, state.opens_at) != (before.question, before.opens_at):
            self._overdue = _published_late(state)
        if state.question != before.question:
            self._answers = {}
            self.scoreboard.clear_results()
        self._snapshot = snapshot
        self._version = state.version
        # Cached for the answer path.
        self._question = state.question
        self._window = Window.of(state)
        if question is not None:
            self._shapes[question.question] = (question.type, len(question.options or ()))

    # Answers

    @property
    def answers(self) -> Mapping[str, KnownAnswer]:
        """The known answers to the current question, by player. Other gateways may have more."""
        return self._answers

    @property
    def acknowledged(self) -> Mapping[int, int]:
        """How many answers were acknowledged for the first time here, by question."""
        return self._acknowledged

    @property
    def shown_answers(self) -> tuple[int, list[Any]] | None:
        """A question, and what is shown of its typed answers since its reveal."""
        return self._shown_answers

    def knows_shape(self, question: int) -> bool:
        """Whether it is known what kind of answer a question takes."""
        return question in self._shapes

    def parse_answer(self, question: int, raw: Any) -> Answer:
        """Check an answer against its question. Raises `answer_invalid`, or `unavailable` where the
        question has not been seen.
        """
        shape = self._shapes.get(question)
        if shape is None:
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, "The question is not known here yet; try again."
            )
        return parse_answer(*shape, raw)

    def learn_shapes(self, shapes: Mapping[int, Shape]) -> None:
        """Take in the shapes of the quiz's questions."""
        self._shapes.update(shapes)

    def continue_acknowledged(self, earlier: Mapping[int, int]) -> None:
        """Count on from where an earlier room of the run has left off."""
        self._acknowledged.update(earlier)

    def record(self, question: int, player_id: str, answer: KnownAnswer, *, repeated: bool) -> None:
        """Take in an answer that was committed; `repeated`: it had been committed before."""
        if not repeated:
            self._acknowledged[question] += 1
        if question != self._question:
            return
        self._answers[player_id] = answer
        if self.seats.players.keys() <= self._answers.keys():
            self.notify()

    def learn_answer(self, player_id: str, answer: KnownAnswer = UNSEEN) -> None:
        """Take in an answer loaded from the table, unless it is known already."""
        self._answers.setdefault(player_id, answer)

    def show_answers(self, question: int, lines: list[Any]) -> None:
        """Note what is shown of the typed answers to a revealed question."""
        self._shown_answers = question, lines

    def extra_time(self, player_id: str) -> int:
        """The player's factor for the current question (`quiz.extra_time`)."""
        if not self.extra_times or self.state.last_closes_at is None:
            return NORMAL
        return self.extra_times.percent(player_id, self._question)

    # Ranks

    @property
    def ranked(self) -> bool:
        """Whether the scoreboard's places are those of the state."""
        return self.scoreboard.version == self.state.standings_version

    def rank(self, version: int, places: Mapping[str, tuple[int, int]]) -> None:
        """Take in all ranks and scores as of a `standings_version`, unless later ones are here."""
        if not self.scoreboard.rank(version, places):
            return
        for player_id, seat in self.seats.players.items():
            if player_id in places:
                seat.scored(places[player_id][1])

    # Who is awaited

    @property
    def connections(self) -> int:
        """Connected players of the run on all gateways, as last heard."""
        return self._connections

    @property
    def settled_at(self) -> float:
        """When all who are on their way back to this gateway are here (monotonic)."""
        return self._settled_at

    def await_returns(self, now: float) -> None:
        """Give players time to reconnect to a room that opens in the middle of a question."""
        if self.answering:
            self._settled_at = now + RETURN_S

    def set_connections(self, players: int) -> None:
        """Note how many players are connected to any gateway."""
        self._connections = players

    # What clients were told

    @property
    def stale(self) -> bool:
        """Whether clients have missed something and need a snapshot."""
        return self._stale

    def mark_stale(self) -> None:
        """Note that clients have missed something."""
        self._stale = True

    def refreshed(self, version: int) -> bool:
        """Note that all was loaded as of `version`. Returns False where the run has moved on."""
        self._stale = self._version != version
        return not self._stale

    def snapshot_sent(self) -> None:
        """Note that everyone here is sent a snapshot of this version."""
        self.jobs.supersede(self._version)

    # Changes

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when others should hear of the room soon."""
        self._listener = listener

    def notify(self) -> None:
        """Call the listener."""
        self._listener()


def _published_late(state: RunState) -> bool:
    """Whether a question that becomes known now is past its opening."""
    return state.opens_at is not None and now_ms() > state.opens_at
