"""A host's HTTP requests, and direct queries of the database."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import psycopg

TIMEOUT_S = 20.0


class Host:
    """A registered account on one gateway."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.token = token
        self._http = http

    @classmethod
    async def register(cls, http: httpx.AsyncClient) -> Host:
        """Register an account on the gateway of `http`."""
        account = {
            "email": f"{uuid.uuid4()}@example.org",
            "password": "correct horse battery",
            "display_name": "Ada",
        }
        answer = await http.post("/auth/register", json=account)
        assert answer.status_code == 201, answer.text
        return cls(http, answer.json()["access_token"])

    async def call(self, method: str, path: str, **more: Any) -> Any:
        """Call the API and return the decoded response, which must be a success."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self._http.request(method, path, headers=headers, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def open_run(self, quiz: dict[str, Any], **settings: Any) -> Run:
        """Open a run of a new quiz."""
        made = await self.call("POST", "/quizzes", json=quiz)
        settings = {"countdown_s": 0, "reveal_s": 1, **settings}
        opened = await self.call(
            "POST", "/runs", json={"quiz_id": made["id"], "settings": settings}
        )
        return Run(self, quiz, opened["run_id"], opened["pin"])


class Run:
    """A run as its host controls it."""

    def __init__(self, host: Host, quiz: dict[str, Any], run_id: str, pin: str) -> None:
        self.host = host
        self.quiz = quiz
        self.id = run_id
        self.pin = pin

    async def command(self, name: str) -> dict[str, Any]:
        """Send a command such as `start`; return the state after it."""
        state: dict[str, Any] = await self.host.call("POST", f"/runs/{self.id}/{name}")
        return state

    async def kick(self, player_id: str) -> None:
        await self.host.call("POST", f"/runs/{self.id}/players/{player_id}/kick")

    async def view(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.host.call("GET", f"/runs/{self.id}")
        return found

    async def leaderboard(self) -> list[dict[str, Any]]:
        """All lines of all pages."""
        lines: list[dict[str, Any]] = []
        while True:
            paging = {"limit": 100, "offset": len(lines)}
            page = await self.host.call("GET", f"/runs/{self.id}/leaderboard", params=paging)
            lines += page["items"]
            if len(lines) >= page["total"] or not page["items"]:
                return lines

    async def results(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.host.call("GET", f"/runs/{self.id}/results")
        return found


async def stored_answers(database_url: str, run_id: str) -> dict[tuple[int, str], tuple[Any, int]]:
    """The stored answers: answer and elapsed_ms by question and player id."""
    query = "SELECT question, player_id::text, answer, elapsed_ms FROM answers WHERE run_id = %s"
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await (await connection.execute(query, [run_id])).fetchall()
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


async def joining_order(database_url: str, run_id: str) -> dict[str, int]:
    """Each player id's position in joining order."""
    query = "SELECT id::text, number FROM players WHERE run_id = %s"
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await (await connection.execute(query, [run_id])).fetchall()
    return {row[0]: row[1] for row in rows}
