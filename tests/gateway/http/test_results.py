from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import httpx
import pytest
from python_calamine import CalamineWorkbook

from db.answers import AnswerRow
from telemetry.clock import now_ms
from tests.gateway.http.conftest import QUIZ, Api, SignUp, assert_problem, join, reach


async def play_first_question(host: httpx.AsyncClient, api: Api, run_id: str) -> list[str]:
    players = await join(api, run_id, "Ada", "Bob", "Cy")
    await host.post(f"/runs/{run_id}/start")
    await reach(host, run_id, "question")
    ada, bob, _ = players
    rows = [
        AnswerRow(run_id, 0, ada, 0, 400, now_ms()),
        AnswerRow(run_id, 0, bob, 1, 600, now_ms()),
    ]
    await api.services.play.answers.record_batch(rows)
    assert (await host.post(f"/runs/{run_id}/skip")).json()["phase"] == "reveal"
    return players


async def test_the_leaderboard_follows_the_answers(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    players = await join(api, run_id, "Zoe")
    before = (await host.get(f"/runs/{run_id}/leaderboard")).json()
    assert [line["score"] for line in before["items"]] == [0]
    players += await play_first_question(host, api, run_id)
    board = (await host.get(f"/runs/{run_id}/leaderboard")).json()
    assert board["total"] == 4
    lines = [(line["rank"], line["nickname"], line["score"]) for line in board["items"]]
    assert lines == [(1, "Ada", 1000), (2, "Zoe", 0), (2, "Bob", 0), (2, "Cy", 0)]
    page = (await host.get(f"/runs/{run_id}/leaderboard?limit=2&offset=2")).json()
    assert page["items"] == board["items"][2:]
    await join(api, run_id, "Late")
    late = (await host.get(f"/runs/{run_id}/leaderboard")).json()
    assert late["total"] == len(late["items"]) == 5


async def test_results_have_answers_by_player_and_question_statistics(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    response = await host.get(f"/runs/{run_id}/results")
    assert response.status_code == 200
    results = response.json()
    assert results["run"]["run_id"] == run_id
    first, second, third = results["questions"]
    assert first["text"] == "Capital of France?"
    assert first["solution"] == [0]
    assert first["distribution"] == [1, 1]
    assert (first["answered"], first["correct"], first["mean_elapsed_ms"]) == (2, 1, 500)
    assert (second["answered"], second["mean_elapsed_ms"]) == (0, None)
    assert [third["options"][pick] for pick in third["solution"]] == ["Malta", "Austria", "Chile"]
    ada, bob, cy = results["players"]
    assert (ada["rank"], ada["nickname"], ada["score"]) == (1, "Ada", 1000)
    assert ada["answers"] == [
        {
            "question": 0,
            "answer": 0,
            "elapsed_ms": 400,
            "points": 1000,
            "correct": True,
            "extra_time": 100,
        }
    ]
    assert not bob["answers"][0]["correct"]
    assert (cy["nickname"], cy["answers"]) == ("Cy", [])


async def test_results_of_a_large_room_are_complete(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await join(api, run_id, *(f"player {number}" for number in range(1_200)))
    players = (await host.get(f"/runs/{run_id}/results")).json()["players"]
    assert len({player["player_id"] for player in players}) == 1_200


async def test_results_of_an_empty_run_are_empty(host: httpx.AsyncClient, run_id: str) -> None:
    results = (await host.get(f"/runs/{run_id}/results")).json()
    assert results["players"] == []
    assert [question["answered"] for question in results["questions"]] == [0, 0, 0]


async def test_question_results_do_not_list_players(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    before = (await host.get(f"/runs/{run_id}/questions")).json()["items"]
    assert [question["solution"] for question in before[:2]] == [
        [0],
        {"value": 1822, "tolerance": 5},
    ]
    assert [question["share_correct"] for question in before] == [None] * 3
    await play_first_question(host, api, run_id)
    first = (await host.get(f"/runs/{run_id}/questions")).json()["items"][0]
    results = (await host.get(f"/runs/{run_id}/results")).json()
    assert first == results["questions"][0]
    assert (first["answered"], first["correct"], first["share_correct"]) == (2, 1, 0.5)
    assert (first["media"], first["audio"]) == (None, None)
    assert first["explanation"] is None


async def test_results_as_csv_have_a_row_per_player(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    response = await host.get(f"/runs/{run_id}/results?format=csv")
    assert response.status_code == 200
    created_at = (await host.get(f"/runs/{run_id}")).json()["created_at"]
    today = datetime.fromtimestamp(created_at / 1000, UTC).date().isoformat()
    assert response.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"] == (
        f'attachment; filename="Capitals {today} results.csv"; '
        f"filename*=UTF-8''Capitals%20{today}%20results.csv"
    )
    assert response.content.startswith(b"\xef\xbb\xbfRank,")
    german = await host.get(f"/runs/{run_id}/results?format=csv&lang=de&tz=Europe/Berlin")
    assert german.content.decode("utf-8-sig").startswith("Rang,Name,Punktestand,")
    assert ",Paris,true,1000,0.4," in german.text
    assert "Ergebnisse.csv" in german.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert [len(row) for row in rows] == [3 + 3 * 4] * 4
    assert rows[0][3] == "1. Capital of France?"
    assert rows[1][:8] == ["1", "Ada", "1000", "Paris", "true", "1000", "400", ""]
    assert rows[2][:7] == ["2", "Bob", "0", "Rome", "false", "0", "600"]
    assert rows[3][:7] == ["2", "Cy", "0", "", "", "", ""]


async def test_results_as_a_workbook(host: httpx.AsyncClient, api: Api, run_id: str) -> None:
    await play_first_question(host, api, run_id)
    response = await host.get(f"/runs/{run_id}/results?format=xlsx")
    assert response.status_code == 200
    assert response.headers["content-type"].endswith("spreadsheetml.sheet")
    assert "results.xlsx" in response.headers["content-disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    standings, answers, questions, matrix, run = (
        book.get_sheet_by_name(name).to_python() for name in book.sheet_names
    )
    assert matrix[2][:5] == [2, "Bob", 0, 0, "–"]
    assert run[1] == ["Quiz", "Capitals", ""]
    assert standings[1] == [1, "Ada", 1000, 1, 1]
    assert answers[2] == [2, "Bob", 1, "Capital of France?", "Rome", False, 0, 0.6, ""]
    assert questions[1][3:8] == ["Paris", 2, 1, 0.5, 0.5]
    assert questions[1][9] == "Paris: 1\nRome: 1"
    assert questions[2][3] == "1822 ± 5"
    assert questions[3][3] == "Malta; Austria; Chile"


async def test_a_run_keeps_its_quiz_when_that_is_edited(
    host: httpx.AsyncClient, api: Api, quiz_id: str, run_id: str
) -> None:
    version = (await host.get(f"/runs/{run_id}")).json()["quiz_version"]
    edited = {**QUIZ, "questions": [{"type": "slide", "text": "All new"}]}
    await host.put(f"/quizzes/{quiz_id}", json=edited)
    await play_first_question(host, api, run_id)
    await host.delete(f"/quizzes/{quiz_id}")
    questions = (await host.get(f"/runs/{run_id}/questions")).json()["items"]
    assert [question["text"] for question in questions] == [
        question["text"] for question in QUIZ["questions"]
    ]
    assert questions[0]["answered"] == 2
    assert (await host.get(f"/runs/{run_id}")).json()["quiz_version"] == version


@pytest.mark.parametrize("wanted", ["pdf", "", "CSV"])
async def test_unknown_formats_are_rejected(
    host: httpx.AsyncClient, run_id: str, wanted: str
) -> None:
    response = await host.get(f"/runs/{run_id}/results?format={wanted}")
    assert_problem(response, 422, "payload_invalid")


async def test_the_matrix_has_every_player_with_every_answer(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    page = (await host.get(f"/runs/{run_id}/matrix?limit=2")).json()
    assert page["total"] == 3
    assert [player["nickname"] for player in page["items"]] == ["Ada", "Bob"]
    results = (await host.get(f"/runs/{run_id}/results")).json()["players"]
    rest = (await host.get(f"/runs/{run_id}/matrix?limit=2&offset=2")).json()
    assert page["items"] + rest["items"] == results


async def test_players_correct_in_under_half_of_the_questions_need_help(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    found = (await host.get(f"/runs/{run_id}/help")).json()
    assert (found["asked"], found["total"]) == (1, 2)
    lines = [(one["nickname"], one["right"], one["answered"]) for one in found["items"]]
    assert lines == [("Bob", 0, 1), ("Cy", 0, 0)]


async def test_runs_of_one_quiz_are_compared_by_question(
    host: httpx.AsyncClient, sign_up: SignUp, api: Api, quiz_id: str, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    await host.post(f"/runs/{run_id}/end")
    await reach(host, run_id, "finished")
    edited = {**QUIZ, "questions": [QUIZ["questions"][1], QUIZ["questions"][0]]}
    await host.put(f"/quizzes/{quiz_id}", json=edited)
    opened = await host.post(
        "/runs", json={"quiz_id": quiz_id, "settings": {"countdown_s": 0, "auto_advance": False}}
    )
    second = opened.json()["run_id"]
    (zoe,) = await join(api, second, "Zoe")
    await host.post(f"/runs/{second}/start")
    await reach(host, second, "question")
    row = AnswerRow(second, 0, zoe, 1822, 400, now_ms())
    await api.services.play.answers.record_batch([row])
    await host.post(f"/runs/{second}/skip")
    await host.post(f"/runs/{second}/end")
    await reach(host, second, "finished")
    tried = await host.post("/runs", json={"quiz_id": quiz_id, "settings": {"rehearsal": True}})
    await host.post(f"/runs/{tried.json()['run_id']}/start")
    await reach(host, tried.json()["run_id"], "question")
    await host.post(f"/runs/{tried.json()['run_id']}/end")
    await reach(host, tried.json()["run_id"], "finished")
    found = (await host.get(f"/quizzes/{quiz_id}/comparison")).json()
    # except the rehearsal
    assert [run["run_id"] for run in found["runs"]] == [second, run_id]
    assert [run["share_correct"] for run in found["runs"]] == [1.0, 0.5]
    number, capital = found["questions"]
    assert (number["text"], number["share_correct"]) == ("Independence of Brazil?", 1.0)
    assert [one and one["question"] for one in number["runs"]] == [0, None]
    assert [one and one["share_correct"] for one in capital["runs"]] == [None, 0.5]
    one = await host.get(f"/quizzes/{quiz_id}/comparison?run_id={run_id}")
    assert [run["run_id"] for run in one.json()["runs"]] == [run_id]
    stranger = await sign_up()
    path = f"/quizzes/{quiz_id}/comparison"
    assert (await stranger.get(path)).json()["runs"] == []
    assert_problem(await stranger.get(f"{path}?run_id={run_id}"), 403, "forbidden")
