"""Plans for a seed's hosts and players: quizzes, answers and commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.system import quizzes

Manner = Literal["once", "twice", "changes", "drops"]
"""Whether an answer is sent once, twice at once, followed by another one, or by a player who loses
the connection before the acknowledgement.
"""
MANNERS: tuple[Manner, ...] = ("once", "twice", "changes", "drops")
MAKERS: dict[str, Callable[..., dict[str, Any]]] = {
    "single": quizzes.single,
    "multiple": quizzes.multiple,
    "boolean": quizzes.boolean,
    "number": quizzes.number,
    "text": quizzes.text,
    "order": quizzes.order,
    "poll": quizzes.poll,
}
LATEST_ANSWER_S = 4.8


@dataclass(frozen=True)
class Reply:
    """A planned answer; for `order` the texts of the options, which are shown in another order."""

    delay_s: float
    answer: Any
    manner: Manner

    def on_wire(self, options: list[str] | None) -> Any:
        """The answer as a client sends it, to a question shown with these options."""
        if options and isinstance(self.answer, list) and isinstance(self.answer[0], str):
            return [options.index(text) for text in self.answer]
        return self.answer


def another(answer: Any) -> Any:
    """Another answer of the same form."""
    match answer:
        case int():
            return 1 if answer == 0 else 0
        case str():
            return f"{answer} or so"
        case _:
            return answer[:-1] if len(answer) > 1 else [(answer[0] + 1) % 2]


@dataclass(frozen=True)
class PlayerPlan:
    """One player, who joins `joins_after_s` after the lobby opens, or after the start if `late`."""

    nickname: str
    joins_after_s: float
    late: bool
    replies: dict[int, Reply]
    leaves_after_s: float
    """When the connection is dropped once after joining; 0 for never."""


@dataclass(frozen=True)
class Press:
    """A command sent `at_s` after the start; `twice` sends it twice at once."""

    at_s: float
    command: str
    twice: bool
    who: int = 0
    """For `kick`: the number of the player."""


@dataclass(frozen=True)
class RunPlan:
    """One run from its lobby to its end."""

    name: str
    quiz: dict[str, Any]
    settings: dict[str, Any]
    players: list[PlayerPlan]
    presses: list[Press]
    lobby_s: float
    pauses_lobby: bool = False
    """Whether the host pauses while a lobby with automatic start fills up."""
    secrets: dict[int, list[str]] = field(default_factory=dict)
    """By question: texts that only the solution contains."""


def draw_run(seed: int, slot: int, number: int, players: int) -> RunPlan:
    """The `number`-th run at `slot`; it depends on nothing but the seed."""
    rng = Random(f"run {seed} {slot} {number}")
    name = f"{seed}.{slot}.{number}"
    kinds = [rng.choice(list(MAKERS)) for _ in range(rng.randint(3, 4))]
    questions, secrets = [], {}
    for index, kind in enumerate(kinds):
        secret = f"secret-{rng.getrandbits(48):012x}"
        question = MAKERS[kind](explanation=secret)
        secrets[index] = [secret]
        if kind == "text":
            spare = f"spare-{rng.getrandbits(48):012x}"
            question["correct"] = {"accepted": [*question["correct"]["accepted"], spare]}
            secrets[index].append(spare)
        questions.append(question)
    eager = rng.random() < 0.3  # all answer soon, so questions close early
    roster = [_draw_player(rng, f"{name} p{one}", questions, eager) for one in range(players)]
    early = sum(not player.late for player in roster)
    settings = {
        "countdown_s": rng.choice((0, 0, 1, 3)),
        "reveal_s": rng.choice((1, 1, 2)),
        "auto_advance": rng.random() < 0.8,
        "streak_bonus": rng.random() < 0.5,
        "scoring": rng.choice(("speed", "speed", "speed", "accuracy")),
        "auto_start_players": early if rng.random() < 0.4 else None,
    }
    lobby_s = rng.uniform(1.0, 3.0)
    pauses_lobby = rng.random() < 0.2
    return RunPlan(
        name,
        quizzes.quiz(*questions),
        settings,
        roster,
        _draw_presses(rng, players),
        lobby_s,
        pauses_lobby,
        secrets,
    )


def _draw_player(
    rng: Random, nickname: str, questions: list[dict[str, Any]], eager: bool
) -> PlayerPlan:
    replies = {}
    for index, question in enumerate(questions):
        if eager or rng.random() < 0.9:
            delay_s = rng.uniform(0.0, 1.5 if eager else LATEST_ANSWER_S)
            manner = rng.choices(MANNERS, (70, 12, 10, 8))[0]
            replies[index] = Reply(delay_s, _draw_answer(rng, question), manner)
    late = rng.random() < 0.1
    leaves = rng.uniform(0.0, 20.0) if rng.random() < 0.2 else 0.0
    return PlayerPlan(nickname, rng.uniform(0.0, 1.5), late, replies, leaves)


def _draw_answer(rng: Random, question: dict[str, Any]) -> Any:
    right = rng.random() < 0.6
    match question["type"]:
        case "single" | "poll":
            return 0 if right else rng.randrange(1, len(question["options"]))
        case "boolean":
            return 0 if right else 1
        case "multiple":
            if right:
                return question["correct"]
            return sorted(rng.sample(range(5), rng.randint(1, 4)))
        case "number":
            return question["correct"]["value"] + (0 if right else rng.randint(1, 20))
        case "text":
            return question["correct"]["accepted"][0] if right else f"City {rng.randint(1, 5)}"
        case _:
            options = list(question["options"])
            if not right:
                rng.shuffle(options)
            return options


def _draw_presses(rng: Random, players: int) -> list[Press]:
    presses = []
    at_s = rng.uniform(1.0, 5.0)
    weights = {"pause": 4, "skip": 2, "next": 2, "lock": 1, "unlock": 1, "kick": 2, "end": 1}
    for _ in range(rng.randint(2, 6)):
        command = rng.choices(list(weights), list(weights.values()))[0]
        if command == "end" and at_s < 12:
            command = "pause"
        presses.append(Press(at_s, command, rng.random() < 0.3, rng.randrange(players)))
        if command == "pause":
            at_s += rng.uniform(0.2, 3.0)
            presses.append(Press(at_s, "resume", rng.random() < 0.3))
        at_s += rng.uniform(0.5, 8.0)
    return presses
