"""Log lines follow the Elastic Common Schema, with ids and without user input."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemetry.log_fields import index_types
from telemetry.redaction import CREDENTIALS, MAX_CHARS, PLAIN, without_credentials, without_values
from tests.logs.pipeline import lines_of

NAME = "Zebulon"


def test_a_line_is_in_elastic_common_schema() -> None:
    (line,) = lines_of(
        """
        structlog.contextvars.bind_contextvars(request_id="r-1", trace_id="t-1", span_id="s-1")
        log.info("question.opened", run_id="run-1", player_id="p-1", question=2, version=7,
                 workflow_id="quiz-run-run-1", host_id="h-1", paused=False, status=200)
        """
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("@timestamp"))
    assert line.pop("process.pid") > 0
    assert line.pop("service.version")
    assert line == {
        "log.level": "info",
        "log.logger": "gateway.tried",
        "message": "question.opened",
        "ecs.version": "8.11.0",
        "event.action": "question.opened",
        "event.dataset": "quizrun",
        "event.sequence": 1,
        "service.name": "quizrun-gateway",
        "service.node.name": "gateway-1",
        "http.request.id": "r-1",
        "http.response.status_code": 200,
        "trace.id": "t-1",
        "span.id": "s-1",
        "user.id": "h-1",
        "quizrun.run_id": "run-1",
        "quizrun.player_id": "p-1",
        "quizrun.workflow_id": "quiz-run-run-1",
        "quizrun.question": 2,
        "quizrun.version": 7,
        "quizrun.paused": False,
    }
    assert line.keys() <= index_types().keys()


def test_an_unlisted_field_is_dropped_and_reported() -> None:
    (line,) = lines_of(f'log.info("player.joined", nickname="{NAME}", answer=["{NAME}"])')
    assert line["quizrun.dropped_fields"] == ["nickname", "answer"]
    assert NAME not in str(line)


def test_a_value_of_another_type_cannot_corrupt_the_index() -> None:
    (line,) = lines_of('log.info("x.y", version="seven", players=True, after_s=1, phase=3)')
    assert "quizrun.version" not in line
    assert "quizrun.players" not in line
    assert line["quizrun.after_s"] == 1.0
    assert line["quizrun.phase"] == "3"


def test_an_exception_is_logged_with_its_code_and_without_its_data() -> None:
    raised, logged = lines_of(
        f"""
        from quiz.errors import ErrorCode, QuizrunError
        given = "{NAME}"
        try:
            try:
                {{}}[given]
            except KeyError as error:
                raise ValueError(f"no player {{given!r}} with token={{given}}") from error
        except ValueError:
            log.exception("x.failed")
        log.warning("y.failed", error=QuizrunError(ErrorCode.UNAVAILABLE, "Try again."))
        """
    )
    assert raised["error.type"] == "ValueError"
    assert raised["error.message"] == "no player '[redacted]' with token=[redacted]"
    assert "KeyError: '[redacted]'" in raised["error.stack_trace"]
    assert "direct cause of" in raised["error.stack_trace"]
    assert ", in <module>" in raised["error.stack_trace"]
    assert NAME not in str(raised)
    assert logged["error.code"] == "unavailable"
    assert logged["error.message"] == "Try again."
    assert "error.stack_trace" not in logged


def test_a_crash_is_logged_instead_of_printed() -> None:
    (line,) = lines_of(f'raise RuntimeError("for {NAME}@example.org")')
    assert (line["event.action"], line["log.level"]) == ("process.crashed", "critical")
    assert NAME not in line["error.message"]


def test_library_logs_are_scrubbed_and_limited_to_info() -> None:
    debugging, logged, warned = lines_of(
        f"""
        import warnings
        given = "{NAME}"
        log.debug("ours.shown")
        logging.getLogger("some.library").debug("row %r", given)
        try:
            int(given)
        except ValueError:
            logging.getLogger("some.library").error("bad %r from %s", given, "a@b.c", exc_info=True)
        warnings.warn(f"beware of {{given!r}}")
        """,
        level="debug",
    )
    assert debugging["event.action"] == "ours.shown"
    assert logged["message"] == "bad '[redacted]' from [redacted]"
    assert "event.action" not in logged
    assert logged["error.type"] == "ValueError"
    assert NAME not in str((logged, warned))


def test_text_that_cannot_be_encoded_is_still_logged() -> None:
    (line,) = lines_of(r'log.info("x.y", reason="lone \ud800")')
    assert line["quizrun.reason"] == "lone ?"


@pytest.mark.parametrize(
    "text",
    [
        "mail to zebulon@example.org now",
        "postgresql://quizrun:zebulon@db:5432/quizrun",
        "Authorization: Bearer zebulon.token-1",
        "{'password': 'zebulon', 'a': 1}",
        "access_token=zebulon&x=1",
        "eyJhbGciOiJIUzI1NiJ9.zebulon.c2ln",
        "cookie: theme=dark; quizrun_session=zebulon",
        "[(b'host', b'x'), (b'cookie', b'a=b; quizrun_session=zebulon')]",
        "GET /auth/oidc/x/callback?code=zebulon&state=zebulon",
        "https://quiz.example/host/reset#zebulon-0123456789",
        "qzr_zebulon",
    ],
)
def test_credentials_are_removed_from_any_text(text: str) -> None:
    assert "zebulon" not in without_credentials(text)


@pytest.mark.parametrize(
    "text",
    [
        "duplicate key\nDETAIL:  Key (run_id, name)=(1, zebulon) exists already.\n[SQL: INSERT]",
        "[SQL: INSERT INTO answers]\n[parameters: {'answer': ['zebulon']}]\n(Background…)",
        "1 error\n  Input should be a number [type=int, input_value=zebulon, input_type=str]",
        'invalid input syntax for type uuid: "zebulon"',
        "KeyError('zebulon')",
        "There is no “zebulon”.",
        "a\nCONTEXT:  unnamed portal parameter $1 = zebulon",
    ],
)
def test_values_are_removed_from_texts_of_libraries(text: str) -> None:
    assert "zebulon" not in without_values(text)


def test_apostrophes_are_not_quotes() -> None:
    text = "The server can't be reached and doesn't answer."
    assert without_values(text) == text


def test_hostile_text_costs_little_time_and_space() -> None:
    for piece in (
        "a.",
        "?a=",
        "a#",
        "cookie:",
        "'token',",
        "'",
        '"',
        "(",
        "x=",
        "token",
        "://",
        "eyJ",
        "DETAIL:",
        "input=",
    ):
        assert len(without_values(piece * 100_000)) <= MAX_CHARS


def test_what_a_library_says_is_bounded() -> None:
    (line,) = lines_of("import logging; logging.getLogger('library').error('x' * 200_000)")
    assert len(line["message"]) <= 8_000


@given(st.from_regex(PLAIN, fullmatch=True))
@example("question.opened")
@example("quiz-run-4d9aeaa0-f6d6-5f49-ae44-631283d9f1cf")
def test_no_rule_would_find_anything_in_a_plain_name(text: str) -> None:
    for pattern, replacement in CREDENTIALS:
        assert pattern.sub(replacement, text) == text


def test_a_token_is_no_plain_name() -> None:
    assert not PLAIN.fullmatch("qzr_abcdefghijklmnop")
    assert "abcdefghijklmnop" not in without_credentials("log.qzr_abcdefghijklmnop")
