"""Tables with a row for each question, as in spreadsheets and templates of other programs."""

from __future__ import annotations

import pytest

from quiz.content import parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.imports.assembling import Parts, assemble, number
from quiz.imports.table import questions_in_table
from quiz.limits import MAX_QUESTIONS

HEADERS = [
    ["Question", "Option 1", "Option 2", "Option 3", "Correct", "Explanation", "Time"],
    ["Frage", "Antwort A", "Antwort B", "Antwort C", "Richtige Antwort", "Erklärung", "Zeit (s)"],
    ["Énoncé", "Réponse 1", "Réponse 2", "Réponse 3", "Bonne réponse", "Explication", "Durée"],
    ["Pregunta", "Opción a", "Opción b", "Opción c", "Correcta", "Explicación", "Tiempo"],
]


@pytest.mark.parametrize("header", HEADERS, ids=["en", "de", "fr", "es"])
@pytest.mark.parametrize("correct", ["2", "B", "b)", "Paris", " paris "])
def test_headers_in_four_languages(header: list[str], correct: str) -> None:
    rows = [["A template"], [], header, ["Capital?", "Rome", "Paris", "", correct, "987", "30"]]
    (found,) = questions_in_table(rows)
    assert found.row == 4
    assert found.doubts == []
    assert found.document == {
        "type": "single",
        "text": "Capital?",
        "options": ["Rome", "Paris"],
        "correct": [1],
        "explanation": "987",
        "time_limit_s": 30,
    }


def test_templates_of_other_quiz_programs() -> None:
    header = [
        "",
        "Question - max 120 characters",
        *(f"Answer {at} - max 75 characters" for at in range(1, 5)),
        "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
        "Correct answer(s) - choose at least one",
    ]
    rows = [
        header,
        ["1", "Primes?", "2", "4", "5", "6", "20", "1,3"],
        ["2", "Only the outer two?", "a", "", "", "d", "20", "4"],
        ["3", "", "", "", "", "", "", ""],
    ]
    primes, outer = (one.document for one in questions_in_table(rows))
    assert (primes["type"], primes["correct"]) == ("multiple", [0, 2])
    assert (outer["options"], outer["correct"]) == (["a", "d"], [1])


def test_several_correct_options_are_named_by_their_texts() -> None:
    rows = [
        ["question", "a", "b", "c", "correct"],
        ["Which are in Italy?", "Rome", "Paris", "Milan", "Milan; Rome"],
    ]
    (found,) = questions_in_table(rows)
    assert (found.doubts, found.document["correct"]) == ([], [0, 2])


def test_a_table_of_too_many_questions_is_refused() -> None:
    rows = [["question", "a", "b", "correct"], *[["Q?", "x", "y", "1"]] * (MAX_QUESTIONS + 1)]
    assert len(questions_in_table(rows[:-1])) == MAX_QUESTIONS
    with pytest.raises(QuizrunError) as refused:
        questions_in_table(rows)
    assert refused.value.code is ErrorCode.IMPORT_INVALID


def test_types_are_given_or_inferred_from_the_answers() -> None:
    header = ["question", "type", "a", "b", "c", "correct", "tolerance"]
    rows = [
        header,
        ["Oldest first", "Reihenfolge", "Ur", "Rome", "Paris", "", ""],
        ["Tea?", "Umfrage", "Yes", "No", "", "", ""],
        ["A star?", "", "True", "False", "", "1", ""],
        ["A star?", "", "", "", "", "falsch", ""],
        ["Year?", "", "", "", "", "1815", "5"],
        ["Who?", "", "", "", "", "Ada; Lovelace", ""],
    ]
    found = questions_in_table(rows)
    assert [one.document["type"] for one in found] == [
        "order", "poll", "boolean", "boolean", "number", "text",
    ]  # fmt: skip
    assert [one.document.get("correct") for one in found][2:5] == [
        [0], [1], {"value": 1815, "tolerance": 5},
    ]  # fmt: skip
    parse_quiz({"title": "Table", "questions": [one.document for one in found]})


def test_a_table_without_a_header_is_refused() -> None:
    with pytest.raises(QuizrunError, match="no header row"):
        questions_in_table([["Capital?", "Rome", "Paris"], []])


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1815", 1815), ("3.5", 3.5), ("3,5", 3.5), ("−2", -2), ("1 000 000", 1_000_000),
        ("1.000.000", 1_000_000), ("1'000", 1_000), ("1,234", None), ("1.234", None), ("x", None),
        ("1e5", None),
    ],
)  # fmt: skip
def test_ambiguous_numbers_are_reported(typed: str, value: float | None) -> None:
    assert number(typed) == value


def test_what_a_row_lacks_is_said_and_the_rest_is_taken() -> None:
    header = ["question", "type", *"ab", "correct", "tolerance", "picture"]
    options = ["", ""]
    rows = [
        header,
        ["", "", "Rome", "Paris", "2", "", ""],
        ["Which?", "riddle", "Rome", "Paris", "2", "", ""],
        ["Rest", "slide", *options, "", "", ""],
        ["A star?", "boolean", *options, "perhaps", "", ""],
        ["A star?", "boolean", *options, "", "", ""],
        ["Year?", "number", *options, "", "", ""],
        ["Year?", "number", *options, "1815", "some", ""],
        ["Seen?", "", "Rome", "Paris", "2", "", "/media/1"],
    ]
    found = questions_in_table(rows)
    assert [[doubt.fault for doubt in one.doubts] for one in found] == [
        ["question_missing"],
        ["type_unknown"],
        [],
        ["answer_unknown"],
        ["answer_missing"],
        ["answer_missing"],
        ["number_unreadable"],
        [],
    ]
    assert found[2].document["type"] == "slide"
    assert found[7].document["media"] == {"url": "/media/1", "alt": ""}


def test_of_too_many_options_the_first_twelve_are_taken() -> None:
    found = assemble(Parts(1, question="Which?", options=list("abcdefghijklm"), correct="b"))
    assert [doubt.fault for doubt in found.doubts] == ["options_many"]
    assert found.document["options"] == list("abcdefghijkl")
