"""The demo host over the HTTP API, and where to find the running stack."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.local.demo_account import demo_account
from deploy.local.errors import StackError
from deploy.local.seed import seed
from deploy.local.settings import Settings
from deploy.local.state import StackState, running_stack

_PAGE = 100


def gateway_urls(url: str | None) -> list[str]:
    """Those that `url` names, with commas between them, or the gateways of the stack that runs on
    this machine's data directory. Raises `StackError` when there is none.
    """
    if url is not None:
        return [one.rstrip("/") for one in url.split(",")]
    return gateway_urls_of(running_stack(Settings().data_dir))


def gateway_urls_of(state: StackState) -> list[str]:
    """Where the gateways of a stack listen."""
    gateways = [one for one in state.processes if one.name.startswith("gateway-")]
    return [one.health_url.removesuffix("/readyz") for one in gateways]


class Host:
    """The demo account of a local stack. Whatever the API refuses is a `StackError`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=20.0, trust_env=False)

    async def __aenter__(self) -> Self:
        """Log in; the account and the samples are made if they are missing."""
        account = demo_account(Settings().data_dir)
        credentials = {"email": account.email, "password": account.password}
        try:
            answer = await self._http.post("/auth/login", json=credentials)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                await asyncio.to_thread(seed, self._url, account)
                answer = await self._http.post("/auth/login", json=credentials)
            token = answer.raise_for_status().json()["access_token"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            await self._http.aclose()
            reason = str(error) or type(error).__name__
            raise StackError(f"No Quizrun gateway answers at {self._url}: {reason}.") from None
        self._http.headers["Authorization"] = f"Bearer {token}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def quiz(self, title: str) -> dict[str, Any]:
        """The quiz of that title in the native format, with its ``id``."""
        known = await self._all("/quizzes")
        for quiz in known:
            if quiz["title"].casefold() == title.casefold():
                return await self._call("GET", f"/quizzes/{quiz['id']}")
        titles = ", ".join(f"“{quiz['title']}”" for quiz in known) or "none"
        raise StackError(f"The demo host has no quiz “{title}”; there are: {titles}.")

    async def create_quiz(self, quiz: dict[str, Any]) -> dict[str, Any]:
        """The quiz, stored."""
        return await self._call("POST", "/quizzes", quiz)

    async def open_run(self, quiz_id: str, settings: dict[str, Any]) -> dict[str, Any]:
        """A new lobby: ``run_id``, ``pin``, ``join_url``."""
        return await self._call("POST", "/runs", {"quiz_id": quiz_id, "settings": settings})

    async def command(self, run_id: str, command: str) -> dict[str, Any]:
        """The run's state after a host command."""
        return await self._call("POST", f"/runs/{run_id}/{command}")

    async def run(self, run_id: str) -> dict[str, Any]:
        """Return the run's state."""
        return await self._call("GET", f"/runs/{run_id}")

    async def leaderboard(self, run_id: str) -> list[dict[str, Any]]:
        """All standings, best first."""
        return await self._all(f"/runs/{run_id}/leaderboard")

    async def results(self, run_id: str) -> dict[str, Any]:
        """Everything that was answered, with points."""
        return await self._call("GET", f"/runs/{run_id}/results")

    async def _all(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        while True:
            page = await self._call("GET", f"{path}?limit={_PAGE}&offset={len(items)}")
            items += page["items"]
            if len(page["items"]) < _PAGE:
                return items

    async def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise StackError(f"The gateway at {self._url} does not answer: {reason}.") from None
        if answer.is_error:
            raise StackError(f"{method} {path} is refused: {_reason(answer)}")
        document: dict[str, Any] = answer.json()
        return document


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status_code}."
    return str(problem.get("detail") or problem.get("title") or answer.status_code)
