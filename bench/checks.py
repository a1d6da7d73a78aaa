"""Check that each acknowledged answer is stored once and unchanged, and that the standings follow
from them. Points are computed independently of the project's rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any


def check(
    records: Sequence[dict[str, Any]],
    quiz: dict[str, Any],
    right: int,
    leaderboard: list[dict[str, Any]],
    results: dict[str, Any],
) -> list[str]:
    """Return a sentence per kind of problem; empty if there is none."""
    problems = _counted(fault for player in records for fault in player["faults"])
    problems += _lost(records, results)
    limit_ms = quiz["questions"][0]["time_limit_s"] * 1000
    expected = {
        player["player_id"]: sum(
            _points(1000, limit_ms, elapsed_ms)
            for index, (elapsed_ms, _) in player["acks"].items()
            if player["answers"][int(index)] == right
        )
        for player in records
    }
    return problems + _standings(records, expected, leaderboard)


def _points(most: int, limit_ms: int, elapsed_ms: int) -> int:
    """(1 − t / T / 2) · P, rounded half up; full points under half a second."""
    if elapsed_ms < 500:
        return most
    doubled = most * (2 * limit_ms - min(elapsed_ms, limit_ms))  # over 2 T
    return (2 * doubled + 2 * limit_ms) // (4 * limit_ms)


def _lost(records: Sequence[dict[str, Any]], results: dict[str, Any]) -> list[str]:
    stored: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for player in results["players"]:
        for answer in player["answers"]:
            place = stored.setdefault((player["player_id"], answer["question"]), [])
            place.append((answer["answer"], answer["elapsed_ms"]))
    problems = []
    for player in records:
        for index in player["sent"]:
            if index not in player["acks"]:
                problems.append("an answer was never acknowledged")
                continue
            acked = (player["answers"][int(index)], player["acks"][index][0])
            found = stored.get((player["player_id"], int(index)), [])
            if found != [acked]:
                problems.append(
                    "an acknowledged answer is lost" if not found else "an answer was changed"
                )
    return _counted(problems)


def _standings(
    records: Sequence[dict[str, Any]], expected: dict[str, int], leaderboard: list[dict[str, Any]]
) -> list[str]:
    ranks: dict[int, int] = {}
    for place, score in enumerate(sorted(expected.values(), reverse=True), 1):
        ranks.setdefault(score, place)  # equal scores share the best rank
    listed = {line["player_id"]: (line["rank"], line["score"]) for line in leaderboard}
    wanted = {player_id: (ranks[score], score) for player_id, score in expected.items()}
    problems = []
    if listed != wanted:
        wrong = sum(listed.get(player_id) != place for player_id, place in wanted.items())
        problems.append(f"{wrong} of {len(wanted)} standings do not match the answers")
    received = {
        player["player_id"]: (player["own"]["rank"], player["own"]["score"])
        for player in records
        if player["own"] is not None
    }
    if received != wanted:
        other = [
            (received.get(one), place)
            for one, place in wanted.items()
            if received.get(one) != place
        ]
        problems.append(
            f"{len(other)} of {len(wanted)} players received a wrong final standing"
            + "".join(f", one of them {got} instead of {place}" for got, place in other[:1])
        )
    return problems


def _counted(problems: Iterable[str]) -> list[str]:
    return [f"{what} ({count} times)" for what, count in Counter(problems).most_common(10)]
