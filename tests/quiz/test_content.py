from __future__ import annotations

from typing import Any

import pytest

from quiz.content import OptionsQuestion, parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from tests.quiz.examples import DOCUMENT, changed, every_type

A_PICTURE = {"url": "/media/a", "alt": "A bee"}


def test_all_eight_types_are_parsed_with_their_defaults() -> None:
    quiz = every_type()
    assert [item.type for item in quiz.questions] == [
        "single", "multiple", "boolean", "number", "text", "order", "poll", "slide",
    ]  # fmt: skip
    assert {item.time_limit_s for item in quiz.questions} == {20}
    assert {item.points for item in quiz.questions} == {1000}


def test_a_quiz_knows_its_slides_and_the_questions_that_have_a_correct_answer() -> None:
    quiz = every_type()
    assert [quiz.questions[index].type for index in quiz.slides] == ["slide"]
    assert {quiz.questions[index].type for index in quiz.scored_questions} == {
        "single", "multiple", "boolean", "number", "text", "order",
    }  # fmt: skip


def test_a_quiz_survives_a_round_trip_through_json() -> None:
    quiz = every_type()
    assert parse_quiz(quiz.model_dump(mode="json")) == quiz
    assert parse_quiz(quiz.model_dump(mode="json", exclude_none=True)) == quiz


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        (changed("single", correct=[2]), "correct", "2 is not the index"),
        (changed("single", correct=[-1]), "correct", "-1 is not the index"),
        (changed("single", correct=[0, 1]), "correct", "at most 1"),
        (changed("single", correct=[]), "correct", "at least 1"),
        (changed("single", correct=[True]), "correct.0", "integer"),
        (changed("single", correct="0"), "correct", "list"),
        (changed("single", options=["only one"]), "options", "at least 2"),
        (changed("single", options=["same", "same"]), "options", "option 2 repeats option 1"),
        (changed("single", options=["a", ""]), "options.1", "at least 1"),
        (changed("single", options=["a", "  "]), "options.1", "blank"),
        (changed("single", options=[str(i) for i in range(10_000)]), "options", "at most 12"),
        (changed("single", text="a\x00b"), "text", "U+0000"),
        (changed("single", explanation="a\x00b"), "explanation", "U+0000"),
        (changed("single", media={"url": "/media/a", "alt": "\x07"}), "media.alt", "U+0007"),
        (changed("single", text=""), "text", "is blank"),
        (changed("single", text=" ", media={"url": "/media/a", "alt": " "}), "text", "is blank"),
        (changed("single", option_media=[A_PICTURE]), "option_media", "at least 2"),
        (changed("single", option_media=[A_PICTURE] * 3), "option_media", "each of the 2 options"),
        (changed("single", option_media=[{"url": "/media/a"}, None]), "option_media.0.alt", "requ"),
        (changed("single", option_media=[{"url": "/media/a", "alt": " "}, None]),
         "option_media.0.alt", "blank"),
        (changed("single", options=["", "A bee"], option_media=[A_PICTURE, None]),
         "options", "option 2 repeats option 1"),
        (changed("boolean", option_media=[A_PICTURE, None]), "option_media", "Extra inputs"),
        (changed("single", text="x" * 1001), "text", "at most 1000"),
        (changed("single", time_limit_s=4), "time_limit_s", "greater than or equal to 5"),
        (changed("single", time_limit_s=241), "time_limit_s", "less than or equal to 240"),
        (changed("single", time_limit_s=True), "time_limit_s", "integer"),
        (changed("single", points=-1), "points", "greater than or equal to 0"),
        (changed("single", points=2001), "points", "less than or equal to 2000"),
        (changed("single", points=10**30), "points", "less than or equal to 2000"),
        (changed("single", corect=[0]), "corect", "Extra inputs"),
        (changed("single", media={"url": "javascript:alert(1)"}), "media.url", "https://"),
        (changed("single", media={"url": "https://x.org/a b"}), "media.url", "white space"),
        (changed("single", media={"url": "/media/a\x07"}), "media.url", "white space"),
        (changed("multiple", correct=[0, 0]), "correct", "same option twice"),
        (changed("multiple", correct=[9]), "correct", "9 is not the index"),
        (changed("boolean", correct=[2]), "correct", "[0] for true or [1] for false"),
        (changed("number", correct={"value": float("nan")}), "correct.value", "finite"),
        (changed("number", correct={"value": 1, "tolerance": -1}), "correct.tolerance", "equal"),
        (changed("text", correct={"accepted": []}), "correct.accepted", "at least 1"),
        (changed("text", correct={"accepted": ["\u200b"]}), "correct.accepted", "no characters"),
        (changed("order", correct=[0]), "correct", "Extra inputs"),
        (changed("slide", type="video"), "type", "does not match"),
        ({"title": "x", "questions": [{"text": "no type"}]}, "type", "discriminator"),
        ({"title": "x", "questions": ["text"]}, "type", "valid"),
    ],
)  # fmt: skip
def test_an_error_in_a_question_is_reported_with_its_number_and_field(
    document: Any, field: str, words: str
) -> None:
    with pytest.raises(QuizrunError) as refused:
        parse_quiz(document)
    assert refused.value.code is ErrorCode.QUIZ_INVALID
    assert refused.value.message.startswith("Question 1, ")
    problem = refused.value.problems[0]
    assert problem["question"] == 0
    assert problem["field"] == field
    assert words in problem["message"]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (None, "document"),
        ([], "document"),
        ({}, "title"),
        ({"title": "x"}, "questions"),
        ({"title": "x", "questions": []}, "questions"),
        ({"title": "x", "questions": DOCUMENT["questions"] * 63}, "questions"),
        ({"title": "x" * 201, "questions": DOCUMENT["questions"]}, "title"),
        ({"title": "x", "language": "<b>", "questions": DOCUMENT["questions"]}, "language"),
    ],
)
def test_an_error_in_the_quiz_itself_names_the_field(document: Any, field: str) -> None:
    with pytest.raises(QuizrunError) as refused:
        parse_quiz(document)
    assert refused.value.problems[0]["field"] == field


def test_a_described_picture_may_replace_the_text() -> None:
    (asked,) = parse_quiz(changed("slide", text="", media=A_PICTURE)).questions
    assert asked.text == ""
    assert asked.media is not None


SOUND = "/media/" + "0a" * 32


def test_every_question_may_have_a_sound() -> None:
    audio = {"url": SOUND, "text": "A blackbird sings", "duration_ms": 4_200}
    for kind in ("single", "slide", "order"):
        (asked,) = parse_quiz(changed(kind, audio=audio)).questions
        assert asked.audio is not None
        assert asked.audio.model_dump() == audio


@pytest.mark.parametrize(
    ("audio", "field"),
    [
        ({"url": "https://example.org/a.mp3"}, "audio.url"),
        ({"url": "/media/bird"}, "audio.url"),
        ({"url": SOUND + "\n"}, "audio.url"),
        ({"url": SOUND, "text": "x" * 1_001}, "audio.text"),
        ({"url": SOUND, "text": "\0"}, "audio.text"),
        ({"url": SOUND, "duration_ms": 600_001}, "audio.duration_ms"),
        ({"url": SOUND, "duration_ms": -1}, "audio.duration_ms"),
        ({"url": SOUND, "alt": "bird"}, "audio.alt"),
        ({}, "audio.url"),
    ],
)
def test_a_sound_is_an_upload_within_bounds(audio: Any, field: str) -> None:
    with pytest.raises(QuizrunError) as refused:
        parse_quiz(changed("single", audio=audio))
    assert refused.value.problems[0]["field"] == field


def test_a_blank_option_is_named_by_its_picture() -> None:
    pictures = [A_PICTURE, None, {"url": "/media/b", "alt": "A wasp"}, None]
    document = changed("multiple", options=["", "A fly", "Wasp", "None"], option_media=pictures)
    (asked,) = parse_quiz(document).questions
    assert isinstance(asked, OptionsQuestion)
    assert asked.options == ["A bee", "A fly", "Wasp", "None"]
    assert asked.option_media is not None
    assert [picture and picture.alt for picture in asked.option_media] == [
        "A bee", None, "A wasp", None,
    ]  # fmt: skip


def test_a_question_without_pictures_is_stored_as_before() -> None:
    document = changed("poll", option_media=[None, None])
    (asked,) = parse_quiz(document).questions
    assert asked == parse_quiz(changed("poll")).questions[0]
    assert "option_media" not in asked.model_dump(exclude_none=True)


def test_all_problems_are_reported_up_to_a_limit() -> None:
    wrong, right = {"type": "boolean", "text": ""}, DOCUMENT["questions"][0]
    few = {"title": "x", "questions": [right, wrong, right, right, wrong, right]}
    with pytest.raises(QuizrunError) as refused:
        parse_quiz(few)
    assert [problem["question"] for problem in refused.value.problems] == [1, 1, 4, 4]
    assert "3 more problems" in refused.value.message
    with pytest.raises(QuizrunError) as refused:
        parse_quiz({**few, "questions": [wrong] * 100})
    assert len(refused.value.problems) == 20
    assert refused.value.problems[-1]["question"] == 9
    assert "more than 20 problems" in refused.value.message
