"""A run as its host sees it: the response of `GET /runs/{id}` and of every command."""

from __future__ import annotations

from pydantic import BaseModel, Field

from db.runs import Run
from gateway.http.access import check_right
from gateway.http.services import Services
from quiz.rights import Right
from quiz.run import Phase, RunSettings, RunState


class RunView(BaseModel):
    """The state of a run. Times are in epoch milliseconds."""

    run_id: str
    pin: str
    join_url: str
    quiz_id: str
    quiz_version: int = Field(
        description="Fixed when the run is opened, whatever happens to the quiz"
    )
    title: str
    language: str | None = Field(description="The quiz's language, as a BCP 47 tag")
    phase: Phase
    paused: bool
    locked: bool
    version: int = Field(description="Incremented by every published change")
    players: int
    question: int | None = Field(description="0-based; null before the first question")
    question_count: int
    starts_at: int | None = Field(description="When the countdown ends; null in other phases")
    opens_at: int | None
    closes_at: int | None
    remaining_ms: int | None = Field(description="While paused: the remaining time of the phase")
    paused_ms: int = Field(description="How long the current question has been paused")
    settings: RunSettings
    created_at: int
    finished_at: int | None


def run_view(run: Run, state: RunState, services: Services) -> RunView:
    """Combine the stored `run` with `state`."""
    starting = state.phase is Phase.STARTING
    return RunView(
        run_id=run.id,
        pin=run.pin,
        join_url=services.settings.join_url(run.pin),
        quiz_id=run.quiz_id,
        quiz_version=run.quiz_version,
        title=run.title,
        language=run.snapshot.language,
        phase=state.phase,
        paused=state.paused,
        locked=state.locked,
        version=state.version,
        # The workflow learns of new players up to a second after the table.
        players=run.players,
        question=state.question if state.question >= 0 else None,
        question_count=state.question_count,
        starts_at=state.deadline_at if starting else None,
        opens_at=state.opens_at,
        closes_at=state.closes_at,
        remaining_ms=state.remaining_ms,
        paused_ms=state.paused_ms,
        settings=state.settings,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


async def own_run(services: Services, run_id: str, account_id: str, needed: Right) -> Run:
    """Return the run for its host, or a co-host with the right `needed`.

    Raises `not_found` or `forbidden` for everyone else.
    """
    run = await services.play.runs.get(run_id)
    if run.host_id != account_id:
        access = await services.library.sharing.run(account_id, run_id)
        check_right(access, needed, "This run belongs to another host.")
    return run
