"""The audit finds nothing in a correct run, and every broken promise in an incorrect one."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.chaos import events
from tests.chaos.audit import audit
from tests.chaos.case import RunCase
from tests.chaos.expected import Stored, StoredAnswer, StoredPlayer
from tests.chaos.plans import RunPlan
from tests.chaos.records import Ack, Heard, Pressed, Record, Refusal, RunRecord
from tests.system import quizzes

START = 1_700_000_000_000
SETTINGS = {"streak_bonus": True, "scoring": "speed", "auto_start_players": None}


@dataclass
class Played:
    """Two questions, two players: Ada knows both answers, Ben one."""

    run: RunRecord
    players: list[Record]
    stored: Stored

    def broken(self) -> set[str]:
        found = audit(RunCase(self.run, self.players, self.stored))
        return {violation.promise for violation in found}


def question(index: int, **more: Any) -> dict[str, Any]:
    opens_at = START + index * 10_000
    times = {"opens_at": opens_at, "closes_at": opens_at + 5_000, "time_limit_ms": 5_000}
    return {"question": index, "options": ["Paris", "Rome", "Oslo"], **times, **more}


def snapshot(phase: str, version: int, **more: Any) -> dict[str, Any]:
    return {"phase": phase, "version": version, "you": {"answered": False}, **more}


def reveal(at: float, index: int, *own: Any) -> Heard:
    names = ("correct", "points", "score", "rank", "streak")
    return Heard(at, 1, "reveal", [{"question": index}, dict(zip(names, own, strict=True))])


def a_player(name: str, answers: list[int], told: list[tuple[Any, ...]]) -> Record:
    record = Record(name, player_id=name, joined_at=START - 5_000, end="finished")
    record.heard.append(Heard(START - 5_000, 1, "snapshot", [snapshot("lobby", 1)]))
    for index, answer in enumerate(answers):
        opens_at = START + index * 10_000
        record.heard.append(Heard(opens_at - 300, 1, "question", [question(index)]))
        record.sent[index] = answer
        record.acks[index] = Ack(answer, 400, opens_at + 450)
        record.heard.append(reveal(opens_at + 6_000, index, *told[index]))
    lines = [
        {"rank": 1, "nickname": "Ada", "score": 2100},
        {"rank": 2, "nickname": "Ben", "score": 1000},
    ]
    outcome = {"podium": lines, "leaderboard": lines, "players": 2}
    you = {"rank": told[1][3], "score": told[1][2]}
    record.heard.append(Heard(START + 20_000, 1, "finished", [outcome, you]))
    return record


@pytest.fixture
def played() -> Played:
    quiz = quizzes.quiz(quizzes.single(), quizzes.single())
    plan = RunPlan("1.0.0", quiz, SETTINGS, [], [], 0.0)
    run = RunRecord(plan, "run", "123456", START, START + 20_000, "finished", 6)
    ada = a_player("Ada", [0, 0], [(True, 1000, 1000, 1, 1), (True, 1100, 2100, 1, 2)])
    ben = a_player("Ben", [0, 1], [(True, 1000, 1000, 1, 1), (False, 0, 1000, 2, 0)])
    answers = {
        (0, "Ada"): StoredAnswer(0, 400, 1000, 0, True, 0),
        (1, "Ada"): StoredAnswer(0, 400, 1100, 100, True, 1),
        (0, "Ben"): StoredAnswer(0, 400, 1000, 0, True, 0),
        (1, "Ben"): StoredAnswer(1, 400, 0, 0, False, 1),
    }
    rows = {
        "Ada": StoredPlayer("Ada", "Ada", 1, 2100, 2, 1, kicked=False),
        "Ben": StoredPlayer("Ben", "Ben", 2, 1000, 0, 2, kicked=False),
    }
    return Played(
        run, [ada, ben], Stored("finished", 6, finished=True, players=rows, answers=answers)
    )


def test_a_correct_run_breaks_no_promise(played: Played) -> None:
    assert played.broken() == set()


def test_the_podium_of_a_run_without_points_is_empty(played: Played) -> None:
    rows = {
        name: dataclasses.replace(row, score=0, streak=0, rank=1)
        for name, row in played.stored.players.items()
    }
    played.stored = dataclasses.replace(played.stored, players=rows, answers={})
    for player in played.players:
        player.acks.clear()
        end = player.heard[-1]
        lines = [{**line, "rank": 1, "score": 0} for line in end.args[0]["leaderboard"]]
        outcome = {"podium": [], "leaderboard": lines, "players": 2}
        told = dataclasses.replace(end, args=[outcome, {"rank": 1, "score": 0}])
        player.heard = [one for one in player.heard[:-1] if one.event != "reveal"] + [told]
    assert played.broken() == set()


def test_an_own_result_may_follow_by_snapshot(played: Played) -> None:
    outcome = played.players[0].heard[-1].args[0]
    without_own_result(played)
    own = {"rank": 1, "score": 2100}
    ada_hears(
        "snapshot", snapshot("finished", 6, outcome=outcome) | {"you": own}, at=START + 22_000
    )(played)
    assert played.broken() == set()


def answer_changed(**change: Any) -> Callable[[Played], None]:
    def spoil(played: Played) -> None:
        row = played.stored.answers[1, "Ada"]
        played.stored.answers[1, "Ada"] = dataclasses.replace(row, **change)

    return spoil


def player_changed(**change: Any) -> Callable[[Played], None]:
    def spoil(played: Played) -> None:
        row = played.stored.players["Ada"]
        played.stored.players["Ada"] = dataclasses.replace(row, **change)

    return spoil


def ada_hears(event: str, *args: Any, at: float = START + 12_000) -> Callable[[Played], None]:
    def spoil(played: Played) -> None:
        heard = played.players[0].heard
        heard.append(Heard(at, 1, event, list(args)))
        heard.sort(key=lambda one: one.at)

    return spoil


def the_run_goes_on(played: Played) -> None:
    played.run.ended_at = 0.0


def an_answer_is_lost(played: Played) -> None:
    del played.stored.answers[0, "Ben"]


def a_refused_answer_is_stored(played: Played) -> None:
    del played.players[1].acks[1]
    played.players[1].refusals[1] = Refusal("question_closed", START, START + 16_000)


def a_question_closes_early(played: Played) -> None:
    del played.players[1].acks[1], played.stored.answers[1, "Ben"]
    played.players[1].refusals[1] = Refusal("question_closed", START + 11_000, START + 11_100)


def a_kick_does_nothing(played: Played) -> None:
    played.run.pressed.append(Pressed("kick", START, START, "ok", "Ben"))


def without_own_result(played: Played) -> None:
    """The last message to Ada has no part of her own."""
    ada = played.players[0]
    last = ada.heard.pop()
    ada.heard.append(dataclasses.replace(last, args=[last.args[0], None]))


def replies_differ(played: Played) -> None:
    played.players[0].contradictions.append("one answer, two replies")


LINES = [{"rank": 1, "nickname": "Ada", "score": 2000}]
BROKEN: list[tuple[Callable[[Played], None], str]] = [
    (the_run_goes_on, "every run ends in good order"),
    (an_answer_is_lost, "an acknowledged answer is stored once, as acknowledged"),
    (answer_changed(elapsed_ms=401), "an acknowledged answer is stored once, as acknowledged"),
    (a_refused_answer_is_stored, "what is stored was given, and not refused at its only try"),
    (answer_changed(points=None), "every answer is scored by the formula"),
    (answer_changed(bonus=0, points=1000), "every answer is scored by the formula"),
    (player_changed(score=2000), "totals, streaks and ranks are exact"),
    (player_changed(rank=2), "totals, streaks and ranks are exact"),
    (player_changed(streak=1), "totals, streaks and ranks are exact"),
    (player_changed(nickname="Eve"), "who joined is a player, who was kicked is none"),
    (a_kick_does_nothing, "who joined is a player, who was kicked is none"),
    (
        ada_hears(
            "finished",
            {"podium": LINES, "leaderboard": LINES, "players": 2},
            {"rank": 1, "score": 2000},
            at=START + 21_000,
        ),
        "the end tells everyone the truth",
    ),
    (without_own_result, "the end tells everyone the truth"),
    (
        ada_hears(
            "reveal",
            {"question": 1},
            {"correct": True, "points": 1100, "score": 2100, "rank": 2, "streak": 2},
            at=START + 16_100,
        ),
        "a reveal tells everyone the truth",
    ),
    (ada_hears("snapshot", snapshot("finished", 0), at=START + 21_000), "versions never go back"),
    (ada_hears("question", question(0)), "what is shown never goes back"),
    (
        ada_hears("question", question(1, closes_at=START + 14_000)),
        "nobody's time is shortened",
    ),
    (a_question_closes_early, "nobody's time is shortened"),
    (
        ada_hears("snapshot", snapshot("question", 5, question=question(1))),
        "a snapshot knows the answers",
    ),
    (replies_differ, "replies agree, and solutions stay secret"),
]


@pytest.mark.parametrize(("spoil", "promise"), BROKEN)
def test_a_broken_promise_is_found(
    played: Played, spoil: Callable[[Played], None], promise: str
) -> None:
    spoil(played)
    assert promise in played.broken()


def test_a_consumer_reports_events_that_were_never_sent(played: Played) -> None:
    told: dict[str, dict[str, Any]] = {f"run/{version}": {} for version in range(1, 7)}
    for (index, player), row in played.stored.answers.items():
        told[f"run/{index}/{player}/score"] = {
            "points": row.points,
            "bonus": row.bonus,
            "correct": row.correct,
        }
        told[f"run/{index}/{player}/answer"] = {
            "answer": row.answer,
            "elapsed_ms": row.elapsed_ms,
        }
    assert list(events.missing(told, "run", played.stored)) == []
    for event_id in told:
        without = copy.deepcopy(told)
        del without[event_id]
        assert len(list(events.missing(without, "run", played.stored))) == 1


def test_the_latest_score_of_an_answer_counts(played: Played) -> None:
    (index, player), row = next(iter(played.stored.answers.items()))
    right = {"points": row.points, "bonus": row.bonus, "correct": row.correct}
    wrong = {**right, "points": -1}
    only = dataclasses.replace(played.stored, answers={(index, player): row}, version=0)
    answer = {"answer": row.answer, "elapsed_ms": row.elapsed_ms}
    id_ = f"run/{index}/{player}"
    told = {f"{id_}/answer": answer, f"{id_}/score": wrong, f"{id_}/score/3": right}
    assert list(events.missing(told, "run", only)) == []
    told = {f"{id_}/answer": answer, f"{id_}/score": right, f"{id_}/score/3": wrong}
    assert len(list(events.missing(told, "run", only))) == 1
