"""Raw frames to players and hosts are checked for secrets before a reveal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.system import quizzes
from tests.system.client import PythonClient
from tests.system.conftest import Clients
from tests.system.hosting import Host

PACKET = re.compile(r"(?P<kind>\d)(?:/[a-z]+,)?(?P<id>\d*)(?P<data>[\[{].*)?", re.DOTALL)
EVENT, ACK = "2", "3"

TELLING = {
    "correct",
    "solution",
    "explanation",
    "accepted",
    "tolerance",
    "value",
    "seed",
    "shown",
    "distribution",
}
QUESTION = {
    *("question", "question_count", "type", "text", "points", "time_limit_ms"),
    *("opens_at", "closes_at"),
}

QUESTIONS = [
    quizzes.single("TEXT-0", options=["OPT-0-a", "OPT-0-b"], correct=[1]),
    quizzes.multiple("TEXT-1", options=["OPT-1-a", "OPT-1-b", "OPT-1-c"], correct=[0, 2]),
    quizzes.boolean("TEXT-2", correct=[1]),
    quizzes.number("TEXT-3", correct={"value": 918273, "tolerance": 31337}),
    quizzes.text("TEXT-4", correct={"accepted": ["WALRUS", "NARWHAL"]}),
    quizzes.order("TEXT-5", options=[f"OPT-5-{letter}" for letter in "abcdef"]),
    quizzes.poll("TEXT-6", options=["OPT-6-a", "OPT-6-b"]),
    quizzes.slide("TEXT-7"),
]
SECRETS = {
    index: [f"EXPLAINED-{index}", *more]
    for index, more in enumerate(
        [[], [], [], ["918273", "31337"], ["WALRUS", "NARWHAL"], [], [], []]
    )
}
QUIZ = quizzes.quiz(
    *({**one, "explanation": f"EXPLAINED-{index}"} for index, one in enumerate(QUESTIONS))
)
WRONG = (0, [1], 0, 1, "a seal", [5, 4, 3, 2, 1, 0], 1)
SLIDE = 7


async def test_no_frame_leaks_a_solution_before_its_reveal(host: Host, clients: Clients) -> None:
    run = await host.open_run(QUIZ)
    watching = await clients.python(1, "/host").connect(token=host.token, run_id=run.id)
    players = [
        await (await clients.python(number % 2).connect()).join(run.pin, f"player {number}")
        for number in range(4)
    ]
    await run.command("start")
    for index in range(len(QUESTIONS)):
        for player in players:
            await player.sees_question(index)
        # Snapshots must not leak either: of a late joiner and of a returning player.
        late = await clients.python(index % 2).connect()
        players.append(await late.join(run.pin, f"late {index}"))
        await players[0].come_back()
        if index == SLIDE:
            assert not (await players[0].answer(index, 0))["ok"]
            await run.command("skip")
        else:
            for player in players:
                answer = await player.answer(index, WRONG[index])
                assert answer["ok"], answer
                assert set(answer) == {"ok", "status", "elapsed_ms"}
        for client in (*players, watching):
            await client.sees_reveal(index)
        await run.command("next")
    for client in (*players, watching):
        await client.hears("finished")

    for client in (*players, watching):
        _check_frames(client)
    orders = [_question(player, 5)["options"] for player in players[:4]]
    assert sorted(orders[0]) == QUESTIONS[5]["options"]
    assert all(order == orders[0] for order in orders)


def _check_frames(client: PythonClient) -> None:
    """Check that no solution arrives before its reveal, and no question before it is asked."""
    asked: set[int] = set()
    revealed: set[int] = set()
    for frame in client.frames:
        event, arguments = _parse(frame)
        for message in arguments:
            _look_into(event, message, asked, revealed)
        for index in range(len(QUESTIONS)):
            if index not in revealed:
                assert not [secret for secret in SECRETS[index] if secret in frame], frame
            if index not in asked:
                assert f"TEXT-{index}" not in frame
                assert f"OPT-{index}" not in frame
    assert revealed, client.frames  # otherwise nothing was checked


def _look_into(event: str, message: Any, asked: set[int], revealed: set[int]) -> None:
    if not isinstance(message, dict):
        return
    snapshot = message.get("snapshot", message if event == "snapshot" else {})
    if event == "question":
        assert set(message) - {"options"} == QUESTION
        asked.add(message["question"])
    if "question" in snapshot:
        assert set(snapshot["question"]) - {"options"} == QUESTION | {"paused_ms"}
        asked.add(snapshot["question"]["question"])
    if event == "reveal":
        revealed.add(message["question"])
    elif "reveal" in snapshot:
        revealed.add(snapshot["reveal"]["question"])
    else:
        assert not TELLING & set(_keys(message)), message


def _parse(frame: str) -> tuple[str, list[Any]]:
    """The event, or ``ack``, and the arguments; a reveal has two."""
    packet = PACKET.fullmatch(frame)
    assert packet is not None, frame
    data = json.loads(packet["data"] or "[]")
    if packet["kind"] == EVENT:
        event, *arguments = data
        # The player's part is in the same frame as the common part, which reveals.
        return event, arguments[:1] if event == "reveal" else arguments
    return ("ack" if packet["kind"] == ACK else "connect"), data if isinstance(data, list) else []


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _question(client: PythonClient, index: int) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one.args[0] for one in client.all("question") if one.args[0]["question"] == index
    )
    return found
