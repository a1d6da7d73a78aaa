"""A player's own answers, right answers and points: during a run and long after it."""

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
    """A question that was revealed, and what the player made of it, as stored."""

    question: int = Field(description="0-based")
    type: QuestionType
    text: str
    options: list[str] | None = Field(description="As shown to players")
    media: Media | None
    audio: Sound | None = None
    explanation: str | None
    solution: Any
    points: int = Field(description="At most")
    verdict: Verdict = Field(description="Another one than `original`: corrected by the host")
    answered: bool
    answer: Any = Field(description="Null without one; an empty text was removed since")
    elapsed_ms: int | None
    earned: int | None = Field(description="With bonus; null until scored")
    bonus: int | None
    correct: bool | None = Field(description="Null where no answer is right or wrong")


class ReviewView(BaseModel):
    """What a player did in a run."""

    run_id: str
    title: str
    language: str
    created_at: int
    phase: Phase
    nickname: str
    score: int
    rank: int | None = Field(description="Null before the end, and where nobody is told")
    players: int
    anonymised: bool = Field(description="Names and typed answers have been removed")
    token: str = Field(description="For this page only, and for longer than the player's own")
    questions: list[ReviewedQuestion]


async def _player(
    services: Annotated[Services, Depends(services_of)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(player_scheme)],
) -> tuple[str, str]:
    return services.tokens.verify_review_token(bearer.credentials if bearer else None)


PlayerDep = Annotated[tuple[str, str], Depends(_player)]


@router.get("", responses=problems(401, 403, 404, 503))
async def review(player: PlayerDep, services: ServicesDep) -> ReviewView:
    """The player's own answers to every question that has been revealed.

    With the token that a player got when joining, or with `token` of an earlier response, which is
    good for this page alone. Questions that are still to come are never told.
    """
    run_id, player_id = player
    run = await services.runs.get(run_id)
    state = run.snapshot.state
    own = await services.reviews.own(run_id, player_id, questions=_revealed(state))
    quiz = await services.runs.content(run.quiz_id, run.quiz_version)
    key = ScoringKey(quiz, run.seed, await services.corrections.rulings(run_id))
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
        token=services.tokens.sign_review_token(run_id, player_id),
        questions=questions,
    )


def _revealed(state: RunState) -> int:
    """How many questions have been revealed: never one that still takes answers."""
    over = state.phase in (Phase.REVEAL, Phase.FINISHED, Phase.CANCELLED)
    return max(0, state.question + 1 if over else state.question)
