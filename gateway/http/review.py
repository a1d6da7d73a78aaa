"""A player's own answers, solutions and points, during and after a run."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from gateway.http.openapi import problems
from gateway.http.question_report import as_shown
from gateway.http.routing import ApiRoute
from gateway.http.services import Services, ServicesDep, services_of
from quiz.content import Media, QuestionType, Sound
from quiz.rulings import ScoringKey, Verdict
from quiz.run import Phase, RunState

router = APIRouter(prefix="/review", tags=["review"], route_class=ApiRoute)

player_scheme = HTTPBearer(auto_error=False, scheme_name="playerToken", bearerFormat="JWT")


class ReviewedQuestion(BaseModel):
    """A revealed question and the player's answer to it."""

    question: int = Field(description="0-based")
    type: QuestionType
    text: str
    options: list[str] | None = Field(description="As shown to players")
    media: Media | None
    audio: Sound | None = None
    explanation: str | None
    solution: Any
    points: int = Field(description="The maximum")
    verdict: Verdict = Field(description="Anything but `original` is a correction by the host")
    answered: bool
    answer: Any = Field(description="Null if unanswered; an empty text was removed later")
    elapsed_ms: int | None
    earned: int | None = Field(description="With bonus; null until scored")
    bonus: int | None
    correct: bool | None = Field(description="Null for questions without a solution")


class ReviewView(BaseModel):
    """A player's results in a run."""

    run_id: str
    title: str
    language: str
    created_at: int
    phase: Phase
    nickname: str
    score: int
    rank: int | None = Field(description="Null before the end, and if ranks are hidden")
    players: int
    anonymised: bool = Field(description="Whether names and typed answers were removed")
    token: str = Field(description="Only for this page; valid longer than the player's token")
    questions: list[ReviewedQuestion]


async def _player(
    services: Annotated[Services, Depends(services_of)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(player_scheme)],
) -> tuple[str, str]:
    return services.sign_in.tokens.verify_review_token(bearer.credentials if bearer else None)


PlayerDep = Annotated[tuple[str, str], Depends(_player)]


@router.get("", responses=problems(401, 403, 404, 503))
async def review(player: PlayerDep, services: ServicesDep) -> ReviewView:
    """Return the player's answers to all questions revealed so far, never to later ones.

    Accepts the token that a player got when joining, or `token` of an earlier response.
    """
    run_id, player_id = player
    run = await services.play.runs.get(run_id)
    state = run.snapshot.state
    own = await services.reports.reviews.own(run_id, player_id, questions=_revealed(state))
    quiz = await services.play.runs.content(run.quiz_id, run.quiz_version)
    key = ScoringKey(quiz, run.seed, await services.reports.corrections.rulings(run_id))
    questions = []
    for index in range(_revealed(state)):
        given = own.answers.get(index)
        question = as_shown(run, key, index)
        scored = key.scored(index)
        questions.append(
            ReviewedQuestion(
                question=index,
                type=question.type,
                text=question.text,
                options=question.options,
                media=question.media,
                audio=question.audio,
                explanation=quiz.questions[index].explanation,
                solution=key.solution(index),
                points=question.points,
                verdict=key.ruling(index).verdict,
                answered=given is not None,
                answer=given.answer if given else None,
                elapsed_ms=given.elapsed_ms if given else None,
                earned=given.points if given else None,
                bonus=given.bonus if given else None,
                correct=given.correct if given and scored else None,
            )
        )
    return ReviewView(
        run_id=run_id,
        title=run.title,
        language=quiz.language,
        created_at=run.created_at,
        phase=state.phase,
        nickname=own.nickname,
        score=own.score,
        rank=own.rank if state.settings.leaderboard != "off" else None,
        players=run.players,
        anonymised=own.anonymised,
        token=services.sign_in.tokens.sign_review_token(run_id, player_id),
        questions=questions,
    )


def _revealed(state: RunState) -> int:
    """Count the revealed questions; one that is still open is not included."""
    over = state.phase in (Phase.REVEAL, Phase.FINISHED, Phase.CANCELLED)
    return max(0, state.question + 1 if over else state.question)
