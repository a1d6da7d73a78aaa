from __future__ import annotations

from quiz.moderation import answer_key, is_shown, shown_lines, typed_lines
from quiz.presentation import TOP_ANSWERS

GIVEN = [("Oslo", 5), ("OSLO ", 1), ("Rude", 4), ("Bern", 2)]


def test_texts_that_count_as_the_same_answer_are_one_line() -> None:
    lines = typed_lines(GIVEN, ["oslo"])
    assert [(line["count"], line["correct"]) for line in lines] == [
        (6, True),
        (4, False),
        (2, False),
    ]
    assert answer_key("OSLO ") == answer_key("Oslo")
    assert answer_key("!") == "!"


def test_the_authors_words_are_shown_and_all_others_wait_for_the_host() -> None:
    correct, rude, bern = typed_lines(GIVEN, ["oslo"])
    assert shown_lines([correct, rude, bern], {}) == [correct]
    assert is_shown(bern, {answer_key("bern"): True})
    assert not is_shown(correct, {answer_key("oslo"): False})


def test_no_more_lines_are_shown_than_fit() -> None:
    lines = typed_lines([(f"answer {n}", 1) for n in range(TOP_ANSWERS + 5)], [])
    choices = {answer_key(str(line["answer"])): True for line in lines}
    assert shown_lines(lines, choices) == lines[:TOP_ANSWERS]
