"""Export and import of quizzes over HTTP."""

from __future__ import annotations

import hashlib
import io
import zipfile

import httpx
import orjson

from tests.gateway.http.conftest import QUIZ, SignUp, assert_problem
from tests.gateway.media.pictures import GIF, png

PICTURED = {
    "type": "single",
    "text": "",
    "media": {"url": "", "alt": "A bee"},
    "options": ["", "A wasp"],
    "option_media": [{"url": "", "alt": "The same bee"}, None],
    "correct": [0],
}


async def pictured_quiz(host: httpx.AsyncClient) -> str:
    url = (await host.post("/media", content=png())).json()["url"]
    other = (await host.post("/media", content=GIF)).json()["url"]
    question = {
        **PICTURED,
        "media": {"url": url, "alt": "A bee"},
        "option_media": [{"url": other, "alt": "The same bee"}, None],
    }
    document = {**QUIZ, "title": "Bees: a/b", "questions": [question, *QUIZ["questions"]]}
    return str((await host.post("/quizzes", json=document)).json()["id"])


async def test_a_quiz_is_imported_into_another_account_with_its_pictures(
    host: httpx.AsyncClient, sign_up: SignUp
) -> None:
    quiz_id = await pictured_quiz(host)
    exported = await host.get(f"/quizzes/{quiz_id}/export")
    assert exported.status_code == 200
    assert exported.headers["content-type"] == "application/zip"
    assert 'filename="Bees a b.zip"' in exported.headers["content-disposition"]
    names = zipfile.ZipFile(io.BytesIO(exported.content)).namelist()
    assert f"media/{hashlib.sha256(png()).hexdigest()}.png" in names

    other = await sign_up()
    key = {"Idempotency-Key": "an import"}
    made = [
        await other.post("/quizzes/import", content=exported.content, headers=key) for _ in range(2)
    ]
    assert [response.status_code for response in made] == [201, 201]
    assert made[0].json() == made[1].json()
    original = (await host.get(f"/quizzes/{quiz_id}")).json()
    assert made[0].json()["questions"] == original["questions"]
    assert (await other.get("/quizzes")).json()["total"] == 1
    assert (await other.get("/media")).json()["total"] == 2
    again = await other.post("/quizzes/import", content=exported.content)
    assert again.json()["id"] != made[0].json()["id"]
    assert (await other.get("/media")).json()["total"] == 2


async def test_the_json_of_a_quiz_is_exported_and_imported(host: httpx.AsyncClient) -> None:
    quiz_id = await pictured_quiz(host)
    exported = await host.get(f"/quizzes/{quiz_id}/export", params={"format": "json"})
    assert exported.headers["content-type"] == "application/json"
    made = await host.post("/quizzes/import", content=b"\xef\xbb\xbf" + exported.content)
    assert made.status_code == 201
    assert made.json()["questions"] == exported.json()["questions"]


async def test_an_invalid_archive_leaves_nothing_behind(
    host: httpx.AsyncClient, sign_up: SignUp
) -> None:
    other = await sign_up()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        question = {**PICTURED, "correct": [7], "media": {"url": "media/a.png", "alt": "A bee"}}
        question["option_media"] = [{"url": "media/a.png", "alt": "A bee"}, None]
        target.writestr("quiz.json", orjson.dumps({**QUIZ, "questions": [question]}))
        target.writestr("media/a.png", png())
    refused = await other.post("/quizzes/import", content=archive.getvalue())
    assert_problem(refused, 422, "quiz_invalid")
    refused = await other.post("/quizzes/import", content=b"PK\3\4 nothing")
    assert_problem(refused, 422, "import_invalid")
    assert (await other.get("/media")).json()["total"] == 0
    assert (await other.get("/quizzes")).json()["total"] == 0
    assert_problem(
        await other.get(f"/quizzes/{await pictured_quiz(host)}/export"), 404, "not_found"
    )


async def test_a_text_and_a_table_are_previewed_and_nothing_is_stored(sign_up: SignUp) -> None:
    host = await sign_up()
    found = await host.post("/quizzes/import/preview", content=b"Star?\n- Sun *\n- Moon\n")
    assert found.status_code == 200
    assert found.json()["questions"] == [
        {
            "row": 1,
            "question": {
                "type": "single",
                "text": "Star?",
                "options": ["Sun", "Moon"],
                "correct": [0],
            },
            "doubts": [],
        }
    ]
    table = b"Frage;Antwort 1;Antwort 2;Richtig\nStern?;Sonne;Mond;3\n"
    found = await host.post("/quizzes/import/preview?kind=table", content=table)
    assert found.json()["questions"][0]["doubts"] == [{"fault": "answer_unknown", "value": "3"}]
    for kind, content in (("table", b"PK\3\4"), ("table", b"a;b"), ("text", b" \n")):
        refused = await host.post(f"/quizzes/import/preview?kind={kind}", content=content)
        assert_problem(refused, 422, "import_invalid")
    too_much = await host.post("/quizzes/import/preview", content=b"x" * 2_000_001)
    assert_problem(too_much, 413, "payload_too_large")
    assert (await host.get("/quizzes")).json()["total"] == 0
