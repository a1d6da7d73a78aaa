"""The needs of a number of concurrent players, from unit costs: cores, bytes, actions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property

from bench.capacity.assumptions import Assumptions
from bench.capacity.counts import Cost, bytes_per_row, costs, frame_bytes
from bench.capacity.cpu import BENCHMARKS, CpuModel
from bench.capacity.processes import Further, stored
from gateway.live.outbound.pacing import MESSAGES_PER_S
from quiz.timing import lead_ms
from workers.interceptors import FIRST_HEARTBEAT_S, HEARTBEAT_S
from workflows import operator_view, policies

SCALES = (1_000, 100_000, 2_400_000)
_PROGRESS_PER_S = 4.0
_BATCH_S = 0.01


@dataclass(frozen=True)
class Scenario:
    """Concurrent runs: many at different stages, or a giant one. Rates are those of the busiest
    seconds; `per_question` includes the run's share of its start and end.
    """

    players: int
    runs: int
    assumed: Assumptions
    cpu: CpuModel
    known: dict[str, Cost]
    further: Further
    """What gateways and workers after the first add."""

    @property
    def is_giant(self) -> bool:
        """Whether all players are in one run."""
        return self.runs == 1 and self.players > self.assumed.players_per_run

    @property
    def redesigned(self) -> Scenario:
        """The same if a gateway consumed only events of its own runs, and small runs stayed on one
        gateway (players routed by PIN).
        """
        return replace(
            self,
            assumed=replace(self.assumed, event_cpu_s=0.0),
            further=replace(self.further, run_question=0.0),
        )

    @property
    def run_players(self) -> float:
        """Players per run."""
        return self.players / self.runs

    @property
    def run_questions_per_s(self) -> float:
        """Questions per second over all runs."""
        if not self.is_giant:
            return self.runs * self.assumed.questions / self.assumed.run_s
        return 1 / (self.assumed.question_s + lead_ms(self.players) / 1000)

    @property
    def answers_per_s(self) -> float:
        """A single run answers in bursts; many runs even out."""
        if self.is_giant:
            return self.players / self.assumed.spread_s * self.assumed.answers_burst
        return self.run_questions_per_s * self.run_players

    @property
    def joins_per_s(self) -> float:
        """Players joining per second."""
        return self.players / (self.assumed.lobby_s if self.is_giant else self.assumed.run_s)

    @property
    def progress_per_s(self) -> float:
        """Progress messages per second, within the gateways' budget."""
        open_share = (
            1.0
            if self.is_giant
            else self.assumed.spread_s * self.assumed.questions / self.assumed.run_s
        )
        return min(MESSAGES_PER_S * self.gateways, _PROGRESS_PER_S * self.players * open_share)

    # Cores

    @cached_property
    def gateways(self) -> int:
        """The number of gateways, each with one core, limited by sockets and CPU. If the events of
        other runs alone fill a core, more gateways do not help: then by sockets only.
        """
        number = max(1, math.ceil(self.players / self.assumed.sockets_per_gateway))
        if self.foreign_core >= 0.9 * self.assumed.utilisation:
            return number
        while self._gateway_cores(number) / number > self.assumed.utilisation:
            number = max(number + 1, math.ceil(number * 1.05))
        return number

    @property
    def events_per_s(self) -> float:
        """Events of all runs, all of which each gateway decodes."""
        return self.run_questions_per_s * self.per_question("Kafka: run events")

    @property
    def foreign_core(self) -> float:
        """The share of a gateway's core for decoding them."""
        return self.events_per_s * self.assumed.event_cpu_s

    @property
    def cores(self) -> dict[str, float]:
        """Cores at full utilisation by component. Kafka is sized by bytes."""
        of, rate = self.cpu.coefficients, self.run_questions_per_s
        return {
            "gateway": self._gateway_cores(self.gateways),
            "worker": self._work_cores + self._further_cores("worker"),
            "postgres": of["postgres"][0] * rate
            + of["postgres"][1] * self._batches_per_s(self.gateways)
            + of["postgres"][2] * self.answers_per_s
            + self._further_cores("postgres"),
            "temporal": self.assumed.temporal_factor
            * (
                of["temporal"][0] * rate
                + of["temporal"][2] * self.run_players * rate
                + self._further_cores("temporal")
            ),
        }

    @property
    def workers(self) -> int:
        """The number of workers, each with one core."""
        return max(1, math.ceil(self._work_cores / self.assumed.utilisation))

    @property
    def run_gateways(self) -> float:
        """The gateways that have players of a run, who choose one at random."""
        return self._run_gateways(self.gateways)

    @property
    def _work_cores(self) -> float:
        question, answer, _ = self.cpu.coefficients["worker"]
        answers = self.scored_per_s if self.is_giant else self.answers_per_s
        return question * self.run_questions_per_s + answer * answers

    def _further_cores(self, component: str) -> float:
        """What gateways and workers after the first add to a component's cores."""
        return self.further.gateway_second[component] * (
            self.gateways - 1
        ) + self.further.worker_second[component] * (self.workers - 1)

    def _run_gateways(self, gateways: int) -> float:
        missed: float = (1 - 1 / gateways) ** self.run_players
        return gateways * (1 - missed)

    @property
    def scored_per_s(self) -> float:
        """Answers to score per second, for reveals within the pause after a question."""
        return self.players / self.assumed.reveal_s

    @property
    def scoring_s(self) -> float:
        """How long one worker process takes to score and publish a question of a run."""
        return self.run_players * self.cpu.coefficients["worker"][1]

    def _batches_per_s(self, gateways: int) -> float:
        rate = self.answers_per_s / gateways
        return gateways * rate / (1 + _BATCH_S * rate)

    def _gateway_cores(self, gateways: int) -> float:
        room, batch, message, second = self.cpu.coefficients["gateway"]
        messages = min(MESSAGES_PER_S * gateways, _PROGRESS_PER_S * self.players)
        messages += 2.5 * self.answers_per_s
        return (
            room * self.run_questions_per_s
            + self.further.run_question
            * self.run_questions_per_s
            * (self._run_gateways(gateways) - 1)
            + batch * self._batches_per_s(gateways)
            + message * messages
            + second
            + max(second, self.further.gateway_second["gateway"]) * (gateways - 1)
            + self.foreign_core * gateways
        )

    # Counts and bytes

    def per_question(self, name: str) -> float:
        """Return a quantity of `counts.json` per question of a run."""
        return (
            self.known[name].of(self.run_players, self.assumed.questions) / self.assumed.questions
        )

    @property
    def actions_per_question(self) -> float:
        """Billed actions: those in the history of a short run, and those that time adds."""
        counted = self.per_question("Temporal: billed actions in the history")
        updates = (self.assumed.questions - 1) // self._questions_between_updates
        return counted + updates / self.assumed.questions + self.heartbeats_per_question

    @property
    def heartbeats_per_question(self) -> float:
        """Heartbeats, which Temporal Cloud bills. Local activities send none, and the others end
        before their first one, except for the scoring of a large room, which lasts until the
        settle time is over and all answers are scored: within the pause, with enough workers.
        """
        if self.run_players <= policies.FAST_SCORING_PLAYERS:
            return 0.0
        lasts_s = policies.SETTLE_MS / 1000 + min(self.scoring_s, self.assumed.reveal_s)
        return 1.0 + (lasts_s - FIRST_HEARTBEAT_S) // HEARTBEAT_S

    @property
    def _questions_between_updates(self) -> int:
        """After how many questions the search attributes are updated by the clock."""
        return math.ceil(operator_view.MAX_AGE_MS / 1000 / self.assumed.question_s)

    @property
    def actions_per_s(self) -> float:
        """Temporal's actions per second."""
        return self.run_questions_per_s * self.actions_per_question

    @property
    def stream_bytes_per_s(self) -> float:
        """Bytes into Kafka; for a giant run while its scores are published, within the pause."""
        scored = self.known["Kafka: bytes of answers and scores"].answer
        if self.is_giant:
            return scored * self.scored_per_s
        return self.run_questions_per_s * (
            self.per_question("Kafka: bytes of run events")
            + self.per_question("Kafka: bytes of answers and scores")
        )

    @property
    def partition_bytes_per_s(self) -> float:
        """Bytes into the busiest partition; records are keyed by run."""
        return self.stream_bytes_per_s / (1 if self.is_giant else self.assumed.partitions)

    @property
    def wal_bytes_per_s(self) -> float:
        """Bytes of PostgreSQL's write-ahead log."""
        log = self.known["PostgreSQL: log bytes"]
        if self.is_giant:
            return log.answer * self.answers_per_s
        return self.per_question("PostgreSQL: log bytes") * self.run_questions_per_s

    @property
    def downstream_bytes_per_s(self) -> float:
        """Bytes to players in the busiest second; for a giant run, that of the reveal."""
        questions = self.players if self.is_giant else self.answers_per_s
        own = self.known["Bytes to players"].answer
        own += self.known["Frames to players"].answer * self.assumed.frame_overhead
        return own * questions + self.progress_per_s * self._progress_bytes

    @property
    def _progress_bytes(self) -> float:
        return frame_bytes("in.progress") + self.assumed.frame_overhead

    @property
    def redis_bytes(self) -> float:
        """Memory of runs in Redis; keys live for a day, so a run counts for that long."""
        known = self.known["Redis: bytes of memory"]
        return self.runs_a_day * known.of(self.run_players, self.assumed.questions)

    @property
    def runs_a_day(self) -> float:
        """Runs that end per day."""
        if self.is_giant:
            return 1.0
        return self.runs * self.assumed.busy_hours / 30 * 3600 / self.assumed.run_s

    # A month

    @property
    def run_questions_month(self) -> float:
        """Questions over all runs."""
        if self.is_giant:
            return float(self.assumed.events * self.assumed.questions)
        return self.run_questions_per_s * self.assumed.busy_hours * 3600

    @property
    def visits_month(self) -> float:
        """Players who join."""
        return self.run_questions_month / self.assumed.questions * self.run_players

    @property
    def downstream_bytes_month(self) -> float:
        """Bytes to players, including pages."""
        spread = self.assumed.spread_s
        rounds = min(
            _PROGRESS_PER_S * spread, 1 + spread * MESSAGES_PER_S * self.gateways / self.players
        )
        own = self.known["Bytes to players"]
        frames = self.known["Frames to players"]
        question = own.answer + frames.answer * self.assumed.frame_overhead
        question += rounds * self._progress_bytes
        joining = own.player + frames.player * self.assumed.frame_overhead + self.assumed.page_bytes
        return self.visits_month * (self.assumed.questions * question + joining)

    @property
    def storage_bytes_month(self) -> float:
        """Bytes that a month adds to PostgreSQL, including indexes."""
        answers = self.run_questions_month * self.run_players
        return answers * bytes_per_row("answers") + self.visits_month * bytes_per_row("players")

    @property
    def socket_bytes(self) -> float:
        """The gateways' memory for sockets."""
        return float(self.players * BENCHMARKS["idle"]["kb_per_player"] * 1e3)


def many(players: int, assumed: Assumptions | None = None) -> Scenario:
    """Return runs of `players_per_run` at different stages."""
    given = assumed or Assumptions()
    runs = max(1, players // given.players_per_run)
    return Scenario(players, runs, given, *_known())


def giant(players: int, assumed: Assumptions | None = None) -> Scenario:
    """Return one run with all players."""
    return Scenario(players, 1, assumed or Assumptions(), *_known())


@cache
def _known() -> tuple[CpuModel, dict[str, Cost], Further]:
    cpu = CpuModel.fitted()
    return cpu, costs(), Further.fitted(stored(), cpu)
