"""The demo host, a client of the HTTP API, and the addresses of the running stack."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.errors import StackError
from deploy.local.demo_account import demo_account
from deploy.local.seed import seed
from deploy.local.settings import Settings
from deploy.local.state import StackState, running_stack

_PAGE = 100
_ATTEMPTS = 10
_PAUSE_S = 1.0


def gateway_urls(url: str | None) -> list[str]:
    """The gateways listed in `url`, separated by commas, or those of the running stack. Raises
    `StackError` if there is none.
    """
    if url is not None:
        return [one.rstrip("/") for one in url.split(",")]
    return gateway_urls_of(running_stack(Settings().data_dir))


def gateway_urls_of(state: StackState) -> list[str]:
    """The addresses of a stack's gateways."""
    gateways = [one for one in state.processes if one.name.startswith("gateway-")]
    return [one.health_url.removesuffix("/readyz") for one in gateways]


class UnavailableError(StackError):
    """A request that can be repeated: a server behind the gateway did not respond in time."""


class Host:
    """The demo account of a local stack. Its methods raise `StackError` if the API refuses."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=20.0, trust_env=False)

    async def __aenter__(self) -> Self:
        """Log in; create the account and the sample quizzes if they are missing."""
        account = demo_account(Settings().data_dir)
        credentials = {"email": account.email, "password": account.password}
        try:
            response = await self._http.post("/auth/login", json=credentials)
            if response.status_code == httpx.codes.UNAUTHORIZED:
                await asyncio.to_thread(seed, self._url, account)
                response = await self._http.post("/auth/login", json=credentials)
            token = response.raise_for_status().json()["access_token"]
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
        """The quiz with this title in the native format, with its ``id``."""
        known = await self._all("/quizzes")
        for quiz in known:
            if quiz["title"].casefold() == title.casefold():
                return await self._call("GET", f"/quizzes/{quiz['id']}")
        titles = ", ".join(f"“{quiz['title']}”" for quiz in known) or "none"
        raise StackError(f"The demo host has no quiz “{title}”; there are: {titles}.")

    async def create_quiz(self, quiz: dict[str, Any]) -> dict[str, Any]:
        """Store a quiz and return it."""
        return await self._call("POST", "/quizzes", quiz)

    async def open_run(self, quiz_id: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Open a lobby; returns ``run_id``, ``pin`` and ``join_url``."""
        return await self._call("POST", "/runs", {"quiz_id": quiz_id, "settings": settings})

    async def command(self, run_id: str, command: str) -> dict[str, Any]:
        """Send a host command; returns the run's state after it.

        While the run cannot be reached, the command is sent again, with the same idempotency key.
        """
        path, key = f"/runs/{run_id}/{command}", str(uuid.uuid4())
        for _ in range(_ATTEMPTS - 1):
            with suppress(UnavailableError):
                return await self._call("POST", path, key=key)
            await asyncio.sleep(_PAUSE_S)
        return await self._call("POST", path, key=key)

    async def run(self, run_id: str) -> dict[str, Any]:
        """The state of a run."""
        return await self._call("GET", f"/runs/{run_id}")

    async def leaderboard(self, run_id: str) -> list[dict[str, Any]]:
        """All standings, best first."""
        return await self._all(f"/runs/{run_id}/leaderboard")

    async def results(self, run_id: str) -> dict[str, Any]:
        """All answers of a run, with points."""
        return await self._call("GET", f"/runs/{run_id}/results")

    async def _all(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        while True:
            page = await self._call("GET", f"{path}?limit={_PAGE}&offset={len(items)}")
            items += page["items"]
            if len(page["items"]) < _PAGE:
                return items

    async def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        key: str | None = None,
    ) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            response = await self._http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise StackError(f"The gateway at {self._url} does not respond: {reason}.") from None
        if response.is_error:
            unavailable = response.status_code == httpx.codes.SERVICE_UNAVAILABLE
            refusal = UnavailableError if unavailable else StackError
            raise refusal(f"{method} {path} is refused: {_reason(response)}")
        document: dict[str, Any] = response.json()
        return document


def _reason(response: httpx.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        return f"{response.status_code}."
    return str(problem.get("detail") or problem.get("title") or response.status_code)
