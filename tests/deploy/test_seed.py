"""The sample quizzes are valid, and are added once through the HTTP API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from deploy.local.demo_account import EMAIL, DemoAccount
from deploy.local.seed import sample_quizzes, seed
from quiz.content import parse_quiz

ACCOUNT = DemoAccount("a-random-password")
TYPES = {"single", "multiple", "boolean", "number", "text", "order", "poll", "slide"}


class Api:
    """A stub of the API that seeding uses."""

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}
        self.quizzes: list[dict[str, Any]] = []
        self.base_url = ""

    def answer(
        self, method: str, path: str, body: dict[str, Any], token: str | None
    ) -> tuple[int, Any]:
        match method, path.partition("?")[0]:
            case "POST", "/api/v1/auth/login":
                known = self.accounts.get(body["email"]) == body["password"]
                return (200, {"access_token": "t"}) if known else (401, {"code": "unauthorized"})
            case "POST", "/api/v1/auth/register" if body["email"] in self.accounts:
                return 409, {"code": "email_taken"}
            case "POST", "/api/v1/auth/register":
                self.accounts[body["email"]] = body["password"]
                return 201, {"access_token": "t"}
            case _, "/api/v1/quizzes" if token != "Bearer t":
                return 401, {"code": "unauthorized"}
            case "GET", "/api/v1/quizzes":
                return 200, {
                    "items": [{"id": "x", "title": quiz["title"]} for quiz in self.quizzes]
                }
            case "POST", "/api/v1/quizzes":
                self.quizzes.append(body)
                return 201, {"id": "x"}
        return 404, {}


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
            status, content = api.answer(
                self.command, self.path, body, self.headers.get("Authorization")
            )
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        api.base_url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield api
        server.shutdown()


def test_the_samples_are_valid_quizzes_of_every_type() -> None:
    samples = sample_quizzes()
    for quiz in samples:
        parse_quiz(quiz)
    questions = [question for quiz in samples for question in quiz["questions"]]
    assert len(questions) >= 30
    assert {question["type"] for question in questions} == TYPES
    assert {question["type"] for question in samples[0]["questions"]} == TYPES
    assert not [question for question in questions if "media" in question]


def test_samples_are_added_once_and_deleted_ones_again(api: Api) -> None:
    titles = [quiz["title"] for quiz in sample_quizzes()]
    assert seed(api.base_url, ACCOUNT) == titles
    assert seed(api.base_url, ACCOUNT) == []
    assert api.accounts == {EMAIL: ACCOUNT.password}
    del api.quizzes[1]
    assert seed(api.base_url, ACCOUNT) == [titles[1]]


def test_a_demo_account_with_another_password_is_not_changed(api: Api) -> None:
    api.accounts[EMAIL] = "something else"
    with pytest.raises(httpx.HTTPError, match="exists with another password"):
        seed(api.base_url, ACCOUNT)
    assert api.quizzes == []
