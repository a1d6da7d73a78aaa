"""What this gateway knows of one run: its state, who is connected here, who has answered here."""

from __future__ import annotations

import asyncio
import enum
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog

from db.scoring import PlayerResult
from quiz.answers import Answer
from quiz.content import QuestionType
from quiz.errors import QuizrunError
from quiz.extra_time import NORMAL, ExtraTime
from quiz.run import Phase, RunState
from quiz.snapshot import RunSnapshot
from quiz.window import Window
from telemetry.clock import now_ms

MAX_JOBS = 1_000
ABSENCE_S = 2.0
"""How long early closing waits for a player who has lost the connection."""
EXTRA_ABSENCE_S = 15.0
"""How long it waits for one who has extra time: whoever needs it may need it for coming back, too.
"""
RETURN_S = 5.0
"""How long it waits where a room is new in the middle of a question: with the gateway that is gone
went what it knew of who was there. Clients try again after 4.5 s at most.
"""

Job = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Seat:
    """A player who is connected here. `score` and `streak` are as of the last reveal."""

    player_id: str
    nickname: str
    sid: str
    score: int = 0
    streak: int = 0
    chose_at: float = float("-inf")
    """When the player last chose extra time (monotonic)."""
    token_epoch: int = 0


class Given(NamedTuple):
    """An answer to the current question; `answer` is None where only its being there is known."""

    answer: Answer | None
    elapsed_ms: int | None


class Step(enum.Enum):
    """How an event relates to what the room has seen."""

    KNOWN = enum.auto()
    NEXT = enum.auto()
    GAP = enum.auto()


@dataclass(slots=True, eq=False)
class Room:
    """One run. `version` is that of the last event seen or state loaded."""

    run_id: str
    snapshot: RunSnapshot
    version: int
    players: int
    """How many players the run has, on all gateways."""
    media_url: str = ""
    """The CDN that uploaded pictures are shown from; empty: the gateway itself."""
    lost_players: bool = False
    """Somebody was kicked: the larger of two numbers of players need not be the newer one."""
    seats: dict[str, Seat] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    answers: dict[str, Given] = field(default_factory=dict)
    """The answers to the current question that are known here, by player."""
    recorded: int = 0
    """How many answers to the current question were recorded by this gateway."""
    acknowledged: Counter[int] = field(default_factory=Counter)
    """How many answers were acknowledged for the first time here, by question."""
    results: dict[str, PlayerResult] = field(default_factory=dict)
    """What the revealed question brought, by player, as far as known here."""
    standings: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Rank and score by player as of `ranked_version`."""
    ranked_version: int | None = None
    """The `standings_version` of the state that `standings` belong to; None: not loaded yet."""
    shapes: dict[int, tuple[QuestionType, int]] = field(default_factory=dict)
    """Type and number of options of the questions seen, to recognise late repeats of answers."""
    extra_times: dict[str, ExtraTime] = field(default_factory=dict)
    """Those of the players that have any, or had lately, connected here or not."""
    extra_time_changes: int = 0
    """How many changes these include."""
    overdue: bool = False
    """The question came here after its opening: the workflow may be about to move it."""
    told: int = -1
    """The version of the snapshot that everyone here was sent last."""
    stale: bool = False
    """Events were missed and the clients have not been told yet."""
    connections: int = 0
    """Connected players of the run on all gateways, as last heard."""
    absent: dict[str, float] = field(default_factory=dict)
    """When players lost their connection (monotonic), as long as they have not come back."""
    settled_at: float = float("-inf")
    """From when on (monotonic) all who are on their way back to this gateway are here."""
    left_at: float | None = None
    """When the last socket went (monotonic); None while there is one."""
    on_change: Callable[[], None] = lambda: None
    """Called when something happened that others should hear of soon."""
    shown_answers: tuple[int, list[Any]] | None = None
    """A question, and what is shown of its typed answers since its reveal (`moderating`)."""
    jobs: asyncio.Queue[Job] = field(default_factory=lambda: asyncio.Queue(MAX_JOBS))
    question: int = field(init=False)
    """The current question's index; −1 before the first."""
    window: Window | None = field(init=False)
    """When answers to the open question count. Cached from the snapshot for the answer path."""

    def __post_init__(self) -> None:
        self._look()

    @property
    def state(self) -> RunState:
        """Where the run stands."""
        return self.snapshot.state

    @property
    def empty(self) -> bool:
        """Whether nobody is connected here."""
        return not self.seats and not self.hosts

    @property
    def answering(self) -> bool:
        """Whether answers can come in."""
        state = self.state
        return state.phase is Phase.QUESTION and state.due is None and not state.paused

    @property
    def all_here_answered(self) -> bool:
        """Whether every player connected here has answered."""
        return self.seats.keys() <= self.answers.keys()

    def awaited(self, now: float) -> int:
        """How many have just lost their connection without an answer: a blip of the network must
        not close the question to them.
        """
        self.absent = {
            player_id: at
            for player_id, at in self.absent.items()
            if now - at < (ABSENCE_S if self.extra_time(player_id) == NORMAL else EXTRA_ABSENCE_S)
        }
        return len(self.absent.keys() - self.answers.keys())

    def extra_time(self, player_id: str) -> int:
        """The player's factor for the current question (`quiz.extra_time`)."""
        if not self.extra_times:
            return NORMAL
        extra = self.extra_times.get(player_id)
        if extra is None or self.state.last_closes_at is None:
            return NORMAL
        return extra.at(self.question)

    def done(self, now: int) -> set[str]:
        """Who of the players here has nothing to wait for any more at `now` (epoch ms): they have
        answered, or their own time is over while that of others goes on.
        """
        done = self.answers.keys() & self.seats.keys()
        window = self.window
        if window is None or window.last_closes_at is None or now <= window.closes_at:
            return done
        return done | {
            player_id
            for player_id in self.seats
            if window.over_for(self.extra_time(player_id), now)
        }

    def follow(self, version: int, snapshot: RunSnapshot) -> Step:
        """Take in an event and say what it is. A version has one content: known is known."""
        if version <= self.version:
            return Step.KNOWN
        step = Step.GAP if version > self.version + 1 else Step.NEXT
        self.take(version, snapshot)
        return step

    def take(self, version: int, snapshot: RunSnapshot) -> None:
        """Replace what is known by `snapshot`. A question with new times keeps its answers."""
        state, before = snapshot.state, self.state
        if (state.question, state.opens_at) != (before.question, before.opens_at):
            self.overdue = state.opens_at is not None and now_ms() > state.opens_at
        if snapshot.state.question != self.state.question:
            self.answers = {}
            self.recorded = 0
            self.results = {}
        self.snapshot = snapshot
        self.version = version
        self._look()

    def _look(self) -> None:
        """Note what answers are measured against."""
        question = self.snapshot.question
        if question is not None:
            self.shapes[question.question] = (question.type, len(question.options or ()))
        self.question = self.state.question
        self.window = Window.of(self.state)

    @property
    def revealed(self) -> bool:
        """Whether a question has been revealed; there are no ranks before."""
        state = self.state
        return state.question > 0 or state.phase in (Phase.REVEAL, Phase.FINISHED)

    @property
    def ranked(self) -> bool:
        """Whether `standings` are those of the state."""
        return self.ranked_version == self.state.standings_version

    def rank(self, version: int, standings: dict[str, tuple[int, int]]) -> None:
        """Take in the standings of a `standings_version`, unless later ones are here."""
        if self.ranked_version is not None and version < self.ranked_version:
            return
        self.ranked_version, self.standings = version, standings
        for player_id, seat in self.seats.items():
            if player_id in standings:
                _, seat.score = standings[player_id]

    def count(self, players: int) -> bool:
        """Take in a number of players as stored some time ago; whether it was news."""
        before = self.players
        self.players = players if self.lost_players else max(before, players)
        return self.players != before

    def sit(self, seat: Seat) -> Seat | None:
        """Give the player's place to `seat`; the one who had it, if somebody did."""
        before = self.seats.get(seat.player_id)
        self.seats[seat.player_id] = seat
        self.absent.pop(seat.player_id, None)
        self.left_at = None
        return before if before is not seat else None

    def stand_up(self, seat: Seat, now: float) -> None:
        """Free a place, unless somebody newer has taken it."""
        if self.seats.get(seat.player_id) is seat:
            del self.seats[seat.player_id]
            self.absent[seat.player_id] = now
        self.note_empty(now)

    def note_empty(self, now: float) -> None:
        """Remember since when nobody is here."""
        self.left_at = now if self.empty else None

    def do(self, job: Job) -> None:
        """Carry out `job` after those asked for before."""
        try:
            self.jobs.put_nowait(job)
        except asyncio.QueueFull:
            log.warning("room.cannot_follow", run_id=self.run_id)
            self.stale = True

    async def work(self) -> None:
        """Carry out jobs, one after the other, until cancelled."""
        while True:
            job = await self.jobs.get()
            try:
                await job()
            except QuizrunError as error:  # a server is away
                log.warning("room.job_postponed", run_id=self.run_id, error=error)
                self.stale = True
            except Exception:
                log.exception("room.job_failed", run_id=self.run_id)
                self.stale = True
