"""The pace of a run: times derived from texts, and how the state machine applies them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz import pace
from quiz.commands import (
    AllAnswered,
    Command,
    Configure,
    DeadlinePassed,
    End,
    HideStandings,
    Lock,
    Next,
    Pause,
    PlayersJoined,
    Published,
    Resume,
    ShowStandings,
    Skip,
    StandingsPublished,
    Start,
)
from quiz.content import QuestionType, Quiz, parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.events import Decision
from quiz.machine import apply, wakes_at
from quiz.presentation import buttons_only
from quiz.run import (
    IdleTimeouts,
    Phase,
    QuestionPace,
    RunPlan,
    RunSettings,
    RunState,
    rehearsal_timeouts,
)
from quiz.timing import FINALE_MS, lead_ms
from tests.quiz.examples import changed, code_of, elapsed_ms, every_type

LIMIT_MS = 20_000
LEAD_MS = 300
QUESTIONS = [
    {"type": "single", "text": "Capital of France?", "options": ["Paris", "Rome"], "correct": [0]},
    {"type": "slide", "text": "Half time"},
    {"type": "poll", "text": "Tea or coffee?", "options": ["Tea", "Coffee"]},
    {"type": "boolean", "text": "Water is wet.", "correct": [0], "explanation": "e" * 300},
]
PLAN = pace.plan_of(
    Quiz.model_validate({"title": "t", "questions": QUESTIONS}).questions, IdleTimeouts()
)


def run(**chosen: Any) -> RunState:
    settings = RunSettings.model_validate({"countdown_s": 3, **chosen})
    return RunState(run_id="run", question_count=len(QUESTIONS), settings=settings)


def decide(
    state: RunState, command: Command, now: int, plan: RunPlan = PLAN
) -> tuple[RunState, tuple[Decision, ...]]:
    return apply(state, command, now, plan)


def apply_all(state: RunState, *commands: tuple[Command, int]) -> RunState:
    for command, now in commands:
        state, _ = decide(state, command, now)
    return state


def in_question(**chosen: Any) -> RunState:
    """Question 0, decided at 3 s and published at once."""
    state, (opened,) = decide(apply_all(run(**chosen), (Start(), 0)), DeadlinePassed(), 3_000)
    return apply_all(state, (Published(decision=opened), 3_020))


def in_reveal(question: int = 0, **chosen: Any) -> RunState:
    """The reveal of `question`, from 30 s on."""
    state = in_question(**chosen).model_copy(update={"question": question})
    return apply_all(state, (Skip(), 30_000), (StandingsPublished(question=question), 30_000))


def refusal(state: RunState, command: Command, now: int = 40_000) -> ErrorCode:
    with pytest.raises(QuizrunError) as refused:
        decide(state, command, now)
    return code_of(refused.value)


# Times derived from texts


@given(st.text(max_size=1_000), st.lists(st.text(max_size=200), max_size=12), st.booleans())
def test_reading_time_grows_with_the_text_within_bounds(
    text: str, options: list[str], picture: bool
) -> None:
    took = pace.auto_reading_ms(text, options, picture=picture)
    assert pace.MIN_READING_MS <= took <= pace.MAX_READING_MS
    assert took % 500 == 0
    assert pace.auto_reading_ms(text + "more words", options, picture=picture) >= took
    assert pace.auto_reading_ms(text, [*options, "one more"], picture=picture) >= took


def test_there_is_time_to_hear_a_sound_before_answers_open() -> None:
    silent = pace.auto_reading_ms("What is this?")
    assert pace.auto_reading_ms("What is this?", sound_ms=8_000) == silent + 8_000
    assert pace.auto_reading_ms("What is this?", sound_ms=600_000) == pace.MAX_READING_MS
    heard = {"url": "/media/" + "0" * 64, "duration_ms": 8_000}
    quiet, loud = (
        pace.pace_of(parse_quiz(changed("single", audio=audio)).questions[0])
        for audio in (None, heard)
    )
    assert loud.reading_ms == quiet.reading_ms + 8_000


@given(st.text(max_size=1_000))
def test_a_reveal_is_never_shorter_than_ten_seconds_and_grows_with_its_explanation(
    explanation: str,
) -> None:
    assert pace.auto_reveal_ms(None) == 10_000
    assert 10_000 <= pace.auto_reveal_ms(explanation) <= pace.MAX_REVEAL_MS
    assert pace.auto_reveal_ms(explanation + "because") >= pace.auto_reveal_ms(explanation)


@pytest.mark.parametrize(
    ("text", "options", "picture", "sound_ms", "expected_ms"),
    [
        ("a" * 50, [], False, 0, 2_000 + 50 * 60),
        ("a" * 217, [], False, 0, 15_500),  # 15,020, rounded up to half a second
        ("a" * 50, ["b" * 60, "c" * 40], False, 0, 5_000 + 100 * 30),
        ("a" * 50, [], True, 0, 5_000 + 2_000),
        ("a" * 50, ["b" * 100], True, 1_500, 5_000 + 3_000 + 2_000 + 1_500),
        ("", [], False, 0, 3_000),
        ("a" * 1_000, [], False, 0, 30_000),
    ],
)
def test_reading_time_adds_up_text_options_picture_and_sound(
    text: str, options: list[str], picture: bool, sound_ms: int, expected_ms: int
) -> None:
    read_ms = pace.auto_reading_ms(text, options, picture=picture, sound_ms=sound_ms)
    assert read_ms == expected_ms


@pytest.mark.parametrize(
    ("explanation", "expected_ms"),
    [("", 10_000), ("e" * 100, 13_000), ("e" * 101, 13_500), ("e" * 2_000, 90_000)],
)
def test_a_reveal_takes_as_long_as_its_explanation(explanation: str, expected_ms: int) -> None:
    assert pace.auto_reveal_ms(explanation) == expected_ms


@pytest.mark.parametrize("wide", ["中", "Ａ"])
def test_a_wide_character_takes_as_long_as_two_letters(wide: str) -> None:
    assert pace.auto_reading_ms(wide * 40) == pace.auto_reading_ms("a" * 80)
    assert pace.auto_reveal_ms(wide * 100) == pace.auto_reveal_ms("a" * 200)


def test_the_pace_of_a_question_follows_from_all_that_it_shows() -> None:
    picture = {"url": "/media/" + "0" * 64, "alt": "The Eiffel Tower"}
    shown = {"text": "a" * 50, "options": ["b" * 60, "c" * 40], "explanation": "e" * 200}
    (plain,) = parse_quiz(changed("single", **shown)).questions
    (pictured,) = parse_quiz(changed("single", **shown, media=picture)).questions
    assert pace.pace_of(plain) == QuestionPace(reading_ms=8_000, reveal_ms=19_000)
    assert pace.pace_of(pictured) == QuestionPace(reading_ms=10_000, reveal_ms=19_000)


def test_a_question_without_options_has_a_pace_as_well() -> None:
    (number,) = parse_quiz(changed("number", text="a" * 50)).questions
    assert pace.pace_of(number) == QuestionPace(reading_ms=5_000, reveal_ms=10_000)


def test_the_plan_of_a_run_has_the_times_of_each_question() -> None:
    idle = IdleTimeouts(lobby_timeout_ms=1)
    questions = every_type().questions
    plan = pace.plan_of(questions, idle)
    assert plan.time_limits_ms == tuple(question.time_limit_ms for question in questions)
    assert plan.paces == tuple(pace.pace_of(question) for question in questions)
    assert (plan.slides, plan.idle) == ((7,), idle)
    assert plan.pace(7) == QuestionPace(reading_ms=0, reveal_ms=0, slide=True)


def test_a_run_of_the_previous_release_keeps_its_pace() -> None:
    old = RunPlan(time_limits_ms=(LIMIT_MS,) * 4)
    assert old.pace(3).reading_ms == 0
    assert pace.reveal_ms(RunSettings(), old.pace(3)) == 5_000


def test_new_settings_at_their_defaults_are_not_stored() -> None:
    assert RunSettings().stored().keys() == {
        *("countdown_s", "reveal_s", "auto_advance", "auto_start_players", "late_join"),
        *("max_players", "streak_bonus", "scoring"),
    }
    assert RunSettings(timer=False).stored()["timer"] is False
    dumped = run(reading_s="auto").model_dump(mode="json")
    assert dumped["settings"]["reading_s"] == "auto"
    assert RunState.model_validate(dumped).settings.reading_s == "auto"


# Reading


def test_reading_time_precedes_the_question_and_does_not_shorten_it() -> None:
    state = in_question(reading_s=7)
    assert state.shows_at == 3_000 + LEAD_MS
    assert state.opens_at == state.shows_at + 7_000
    assert state.closes_at == state.deadline_at == state.opens_at + LIMIT_MS


def test_an_automatic_reading_time_is_that_of_the_question() -> None:
    state = in_question(reading_s="auto")
    assert state.shows_at is not None
    assert state.opens_at == state.shows_at + PLAN.pace(0).reading_ms
    assert PLAN.pace(0).reading_ms == 3_500


def test_a_slide_has_no_reading_time() -> None:
    state = apply_all(in_reveal(reading_s=7), (Next(), 40_000))
    assert (state.question, state.shows_at, state.opens_at) == (1, None, 40_300)


def test_a_pause_while_reading_keeps_the_remaining_reading_time() -> None:
    state = apply_all(in_question(reading_s=7), (Pause(), 5_300), (Resume(), 65_300))
    assert state.reading_until == 70_300  # five of seven seconds are left
    assert state.closes_at == 70_300 + LIMIT_MS
    assert elapsed_ms(state, 70_300) == 0


def test_next_ends_the_reading_time_and_keeps_the_whole_answering_time() -> None:
    state, (opened,) = decide(in_question(reading_s=30), Next(), 9_000)
    assert (opened.type, state.question) == ("question.opened", 0)
    assert (state.shows_at, state.opens_at) == (3_300, 9_300)
    assert state.closes_at == 9_300 + LIMIT_MS
    assert refusal(state, Next(), 9_400) is ErrorCode.COMMAND_NOT_ALLOWED
    # published too late: it is moved, without reading time again
    later, _ = decide(state, Published(decision=opened), 20_000)
    assert (later.shows_at, later.opens_at) == (3_300, 22_000)


def test_next_is_refused_once_the_reading_time_is_over() -> None:
    state = in_question(reading_s=7)
    assert refusal(state, Next(), 10_300) is ErrorCode.COMMAND_NOT_ALLOWED
    assert apply_all(state, (Next(), 10_299)).opens_at == 10_599


def test_next_after_a_pause_while_reading_counts_no_pause_as_reading() -> None:
    state = apply_all(in_question(reading_s=7), (Pause(), 5_300), (Resume(), 65_300))
    assert apply_all(state, (Next(), 66_000)).shows_at == 63_300
    assert refusal(apply_all(state, (Pause(), 66_000)), Next()) is ErrorCode.PAUSED


def test_a_question_shown_too_late_gets_its_reading_time_again() -> None:
    state, (opened,) = decide(apply_all(run(reading_s=7), (Start(), 0)), DeadlinePassed(), 3_000)
    state, (again,) = decide(state, Published(decision=opened), 5_000)
    assert again.type == "question.opened"
    assert (state.shows_at, state.opens_at) == (7_000, 14_000)


def test_a_question_skipped_while_reading_accepts_no_answers() -> None:
    state = apply_all(in_question(reading_s=7), (Skip(), 5_000))
    assert (state.phase, state.closes_at) == (Phase.REVEAL, 5_000)


# No timer


def test_without_a_timer_a_question_closes_when_all_have_answered_or_after_half_an_hour() -> None:
    state = in_question(timer=False)
    assert state.opens_at is not None
    assert state.deadline_at == state.opens_at + pace.UNTIMED_MS
    assert apply_all(state, (AllAnswered(question=0), 99_000)).due == "score"
    assert apply_all(state, (DeadlinePassed(), state.deadline_at)).due == "score"
    assert state.settings.effective_scoring == "accuracy"


@pytest.mark.parametrize("auto_advance", [True, False])
@pytest.mark.parametrize("kind", ["single", "slide"])
def test_with_a_timer_every_question_has_its_time_limit(
    kind: QuestionType, auto_advance: bool
) -> None:
    settings = RunSettings(auto_advance=auto_advance)
    shown = QuestionPace(slide=kind == "slide")
    assert pace.window_ms(settings, shown, LIMIT_MS) == LIMIT_MS
    assert not pace.untimed(settings, kind)


@pytest.mark.parametrize("auto_advance", [True, False])
def test_without_a_timer_players_see_none(auto_advance: bool) -> None:
    settings = RunSettings(timer=False, auto_advance=auto_advance)
    assert pace.window_ms(settings, QuestionPace(), LIMIT_MS) == pace.UNTIMED_MS
    assert pace.untimed(settings, "single")


@pytest.mark.parametrize(("auto_advance", "limit_ms"), [(True, LIMIT_MS), (False, pace.UNTIMED_MS)])
def test_a_slide_without_a_timer_waits_for_the_host_only_in_manual_runs(
    auto_advance: bool, limit_ms: int
) -> None:
    settings = RunSettings(timer=False, auto_advance=auto_advance)
    assert pace.window_ms(settings, PLAN.pace(1), LIMIT_MS) == limit_ms
    assert pace.untimed(settings, "slide") is (limit_ms == pace.UNTIMED_MS)


# Reveals and standings


@pytest.mark.parametrize(("question", "lasts_ms"), [(0, 10_000), (1, 0), (3, 25_000)])
def test_an_automatic_reveal_lasts_as_long_as_its_explanation_takes(
    question: int, lasts_ms: int
) -> None:
    assert in_reveal(question, reveal="auto").deadline_at == 30_000 + lasts_ms
    assert in_reveal(question).deadline_at == 35_000


def test_a_manual_reveal_holds_until_the_host_presses_but_a_slide_reveals_nothing() -> None:
    assert in_reveal(0, auto_advance=False, reveal="auto").deadline_at is None
    assert in_reveal(1, auto_advance=False, reveal="auto").deadline_at == 30_000


def test_standings_are_shown_on_request_and_published_once() -> None:
    state = in_reveal(leaderboard="asked")
    assert not pace.players_see_leaderboard(state)
    state, (shown,) = decide(state, ShowStandings(), 31_000)
    assert (shown.type, shown.version) == ("standings.shown", state.version)
    assert pace.players_see_leaderboard(state)
    assert decide(state, ShowStandings(), 31_100) == (state, ())
    state, (hidden,) = decide(state, HideStandings(), 32_000)
    assert (hidden.type, state.standings_shown) == ("standings.hidden", False)
    assert apply_all(state, (Next(), 33_000)).standings_shown is None


def test_standings_are_refused_before_a_reveal_and_without_a_leaderboard() -> None:
    assert refusal(in_question(), ShowStandings()) is ErrorCode.COMMAND_NOT_ALLOWED
    assert refusal(in_reveal(leaderboard="off"), ShowStandings()) is ErrorCode.COMMAND_NOT_ALLOWED


@pytest.mark.parametrize(
    ("question", "scored", "chosen", "follow"),
    [
        (0, True, {}, True),
        (2, False, {}, False),  # a poll changes no standings
        (3, True, {}, False),  # the podium follows
        (0, True, {"leaderboard": "asked"}, False),
        (0, True, {"leaderboard": "off"}, False),
        (0, True, {"leaderboard_every": 2}, False),
        (1, True, {"leaderboard_every": 2}, True),
        (1, True, {"leaderboard_every": 3}, False),
        (2, True, {"leaderboard_every": 3}, True),
    ],
)
def test_when_standings_follow_automatically(
    question: int, scored: bool, chosen: dict[str, Any], follow: bool
) -> None:
    assert pace.standings_follow(in_reveal(question, **chosen), scored=scored) is follow


# Breaks


def test_a_break_follows_each_round_but_the_last_and_ends_automatically() -> None:
    state, (begun,) = decide(in_reveal(1, break_every=2, break_s=90), Next(), 40_000)
    assert (begun.type, state.phase) == ("break.started", Phase.REVEAL)
    assert state.break_ends_at == state.deadline_at == 130_000
    state, (opened,) = decide(state, DeadlinePassed(), 130_000)
    assert (opened.type, state.question, state.break_ends_at) == ("question.opened", 2, None)
    assert not pace.break_follows(in_reveal(3, break_every=2))
    assert pace.rounds(RunSettings(break_every=3), 7) == 3


@pytest.mark.parametrize(
    ("chosen", "after"),
    [
        ({"break_after": [1, 4]}, [1, 4]),
        ({"break_after": [6, 3, 3]}, [3]),  # none after the last question
        ({"break_after": [500]}, []),
        ({"break_every": 2, "break_after": [1]}, [1, 2, 4]),
    ],
)
def test_breaks_follow_the_questions_that_the_host_has_chosen(
    chosen: dict[str, Any], after: list[int]
) -> None:
    settings = RunSettings.model_validate(chosen)
    found = []
    for question in range(6):
        state = in_reveal(question, **chosen).model_copy(update={"question_count": 6})
        if pace.break_follows(state):
            found.append(question + 1)
    assert found == after
    assert pace.rounds(settings, 6) == len(after) + 1
    assert [pace.rounds(settings, number) for number in after] == list(range(1, len(after) + 1))


def test_settings_without_breaks_are_stored_as_in_the_previous_release() -> None:
    state = run()
    assert "break_after" not in state.settings.stored()
    assert "break_after" not in state.model_dump()["settings"]
    assert "break_after" not in state.model_dump(mode="json")["settings"]
    chosen = apply_all(state, (Configure(changes={"break_after": [2, 1]}), 0))
    assert chosen.model_dump(mode="json")["settings"]["break_after"] == [1, 2]
    assert chosen.settings.stored()["break_after"] == [1, 2]
    for wrong in ([0], [501], ["x"], 3, list(range(1, 102))):
        changes = Configure(changes={"break_after": wrong})
        assert refusal(run(), changes) is ErrorCode.PAYLOAD_INVALID


def test_a_break_hides_the_standings_that_the_host_has_shown() -> None:
    shown = apply_all(in_reveal(1, break_every=2), (ShowStandings(), 31_000))
    assert apply_all(shown, (Next(), 40_000)).standings_shown is None


def test_a_run_that_ends_during_a_break_is_on_no_break() -> None:
    resting = apply_all(in_reveal(1, break_every=2), (Next(), 40_000))
    ended = apply_all(resting, (Pause(), 41_000), (End(), 42_000))
    assert (ended.break_ends_at, ended.deadline_at, ended.remaining_ms) == (None, None, None)
    assert not ended.paused


def test_the_host_can_end_a_break_early_and_stretch_it_by_a_pause() -> None:
    resting = apply_all(in_reveal(1, break_every=2, break_s=90), (Next(), 40_000))
    assert apply_all(resting, (Next(), 50_000)).question == 2
    state = apply_all(resting, (Pause(), 60_000), (Resume(), 160_000))
    assert state.break_ends_at == state.deadline_at == 230_000


def test_a_manual_run_waits_for_the_host_after_a_break() -> None:
    state = apply_all(in_reveal(1, break_every=2, auto_advance=False), (Next(), 40_000))
    assert state.deadline_at == 100_000
    state = apply_all(state, (DeadlinePassed(), 100_000))
    assert (state.deadline_at, state.question) == (None, 1)
    assert wakes_at(state, PLAN) is not None  # it ends if the host does not return
    assert apply_all(state, (Next(), 200_000)).question == 2


# Settings


def test_settings_are_changed_in_the_lobby_and_refused_afterwards() -> None:
    state, (decided,) = decide(run(), Configure(changes={"timer": False, "reading_s": "auto"}), 0)
    assert decided.type == "run.configured"
    assert (state.settings.timer, state.settings.reading_s) == (False, "auto")
    assert state.settings.countdown_s == 3
    assert decide(state, Configure(changes={"timer": False}), 1) == (state, ())
    later = apply_all(state, (Start(), 2))
    for place in (later, in_question(), in_reveal()):
        assert refusal(place, Configure(changes={"timer": True})) is ErrorCode.COMMAND_NOT_ALLOWED
    assert refusal(run(), Configure(changes={"break_s": -1})) is ErrorCode.PAYLOAD_INVALID


@pytest.mark.parametrize("before", [False, True])
def test_the_rehearsal_setting_cannot_be_changed(before: bool) -> None:
    state, _ = decide(run(rehearsal=before), Configure(changes={"reveal_s": 7}), 0)
    assert state.settings.rehearsal is before
    change = Configure(changes={"rehearsal": not before})
    assert refusal(state, change) is ErrorCode.PAYLOAD_INVALID


def test_an_abandoned_rehearsal_ends_within_the_hour() -> None:
    usual, short = IdleTimeouts(), IdleTimeouts(lobby_timeout_ms=60_000)
    assert rehearsal_timeouts(usual).lobby_timeout_ms == 3_600_000
    assert rehearsal_timeouts(usual).pause_timeout_ms == 3_600_000
    assert rehearsal_timeouts(IdleTimeouts(reveal_timeout_ms=1)).reveal_timeout_ms == 1
    assert rehearsal_timeouts(usual).reveal_timeout_ms == 3_600_000
    assert rehearsal_timeouts(IdleTimeouts(expiry_warning_ms=1)).expiry_warning_ms == 1
    assert rehearsal_timeouts(short).lobby_timeout_ms == 60_000


def test_a_lobby_that_new_settings_make_full_starts() -> None:
    state = apply_all(run(), (PlayersJoined(players=5), 0))
    state, decided = decide(state, Configure(changes={"auto_start_players": 4}), 1)
    assert [one.type for one in decided] == ["run.configured", "run.starting"]
    assert state.phase is Phase.STARTING


# Podium


def test_everyone_sees_the_podium_at_the_same_time() -> None:
    state = apply_all(in_reveal(), (End(), 60_000))
    assert state.podium_at == 60_000 + LEAD_MS + FINALE_MS
    assert apply_all(in_reveal(leaderboard="off"), (End(), 60_000)).podium_at is None
    assert apply_all(run(), (End(), 60_000)).podium_at is None
    crowd = in_reveal().model_copy(update={"players": 20_000})
    assert apply_all(crowd, (End(), 60_000)).podium_at == 60_000 + lead_ms(20_000) + FINALE_MS


def test_texts_pictures_and_sounds_stay_on_the_big_screen() -> None:
    files = {"media": {"url": "/m"}, "audio": {"url": "/s", "text": "A bell"}}
    shown = {"type": "single", "text": "Who?", "options": ["Ada", "Bob"], **files}
    assert buttons_only(shown) == {"type": "single", "text": "", "options": ["A", "B"]}
    order = {"type": "order", "text": "Sort", "options": ["one", "two"]}
    assert buttons_only(order)["options"] == ["one", "two"]


# Invariants under all settings

CHOICES = st.fixed_dictionaries(
    {
        "auto_advance": st.booleans(),
        "reading_s": st.sampled_from([0, "auto", 5]),
        "reveal": st.sampled_from(["fixed", "auto"]),
        "timer": st.booleans(),
        "leaderboard": st.sampled_from(["shown", "asked", "off"]),
        "leaderboard_every": st.integers(1, 3),
        "break_every": st.sampled_from([None, 1, 2]),
        "break_after": st.sampled_from([(), (1,), (2, 3)]),
    }
)
MOVES = st.lists(
    st.tuples(
        st.one_of(
            st.none(),
            st.none(),
            st.sampled_from(
                [
                    *(Start(), Pause(), Resume(), Next(), Skip(), Lock()),
                    *(ShowStandings(), HideStandings(), AllAnswered(question=0)),
                    Configure(changes={"reading_s": 3}),
                ]
            ),
        ),
        st.integers(0, 30_000),
    ),
    max_size=40,
)


@given(CHOICES, MOVES)
def test_under_all_settings_versions_are_contiguous_windows_whole_and_runs_end(
    chosen: dict[str, Any], moves: list[tuple[Command | None, int]]
) -> None:
    state, now, outbox = run(**chosen), 0, list[Decision]()
    decided: list[Decision] = []

    def step(command: Command | None) -> None:
        nonlocal state
        if command is None:
            command = _carried_out(outbox) if outbox else DeadlinePassed()
        try:
            state, decisions = decide(state, command, now)
        except QuizrunError:
            return
        decided.extend(decisions)
        outbox.extend(decisions)
        _check(state)

    for command, pause_ms in moves:
        now += pause_ms
        step(command)
    for _ in range(80):
        now = max(now, wakes_at(state, PLAN) or 0) if not outbox else now
        step(None)
    assert state.due == "close" or state.phase.over
    assert [one.version for one in decided] == list(range(1, state.version + 1))
    for before, after in itertools.pairwise(decided):
        assert after.state.question - before.state.question in (0, 1)


def _carried_out(outbox: list[Decision]) -> Command:
    decision = outbox.pop(0)
    if decision.type == "question.closing":
        outbox.pop(0)
        return StandingsPublished(question=decision.state.question)
    return Published(decision=decision)


def _check(state: RunState) -> None:
    if state.phase is Phase.QUESTION and state.due is None:
        assert state.opens_at is not None
        assert state.closes_at is not None
        ends_at = state.closes_at
        if state.paused_at is not None:
            assert state.remaining_ms is not None
            ends_at = state.paused_at + state.remaining_ms
        limit_ms = pace.window_ms(state.settings, PLAN.pace(state.question), LIMIT_MS)
        assert ends_at - state.opens_at - state.paused_ms == limit_ms
        assert state.shows_at is None or state.shows_at <= state.opens_at
    if state.break_ends_at is not None:
        assert state.phase is Phase.REVEAL
        assert pace.break_follows(state)


def opened(**settings: Any) -> RunState:
    """The first of three questions, open."""
    return RunState(
        run_id="r",
        question_count=3,
        settings=RunSettings(**settings),
        phase=Phase.QUESTION,
        question=0,
    )


@pytest.mark.parametrize(
    ("settings", "asked", "seen"),
    [
        ({"leaderboard": "off"}, True, False),
        ({"leaderboard": "asked"}, None, False),
        ({"leaderboard": "asked"}, True, True),
        ({"leaderboard": "shown"}, None, True),
        ({"leaderboard": "shown", "leaderboard_every": 2}, None, False),
        ({"leaderboard": "shown", "leaderboard_every": 2}, True, True),
    ],
)
def test_players_see_the_leaderboard_as_the_host_has_chosen(
    settings: dict[str, Any], asked: bool | None, seen: bool
) -> None:
    state = opened(**settings).model_copy(update={"standings_shown": asked})
    assert pace.players_see_leaderboard(state) == seen


def test_how_long_a_reveal_lasts_follows_from_its_question() -> None:
    settings = RunSettings(reveal="auto")
    short, long = (pace.revealed_ms(settings, "single", text) for text in (None, "word " * 200))
    assert short is not None
    assert long is not None
    assert short < long <= pace.MAX_REVEAL_MS
    assert pace.revealed_ms(settings, "slide", "Said.") == 0
    assert pace.revealed_ms(RunSettings(reveal_s=7), "single", "Said.") == 7_000


def test_a_pause_before_the_answers_open_is_a_pause_while_reading() -> None:
    state = opened().model_copy(update={"shows_at": 1_000, "opens_at": 5_000, "closes_at": 25_000})
    assert not state.paused_reading
    assert state.model_copy(update={"paused_at": 4_999}).paused_reading
    assert not state.model_copy(update={"paused_at": 5_000}).paused_reading
