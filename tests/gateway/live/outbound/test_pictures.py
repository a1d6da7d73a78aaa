"""Uploaded pictures have the address of the CDN where there is one, in questions and snapshots."""

from __future__ import annotations

from deploy.local.stack import Servers
from quiz.content import parse_quiz
from tests.gateway.live.conftest import Connect, running_gateway
from tests.gateway.live.stage import Stores, open_show

CDN = "https://pictures.example"
UPLOADED = "/media/" + "0" * 64


def pictured(url: str) -> dict[str, object]:
    return {
        "type": "single",
        "text": "What is this?",
        "options": ["A cat", "A dog"],
        "correct": [0],
        "media": {"url": url, "alt": "An animal"},
        "audio": {"url": UPLOADED, "text": "A miaow", "duration_ms": 900},
        "option_media": [{"url": url, "alt": "Grey"}, None],
    }


async def test_an_uploaded_picture_comes_from_the_cdn(
    stores: Stores, servers: Servers, connect: Connect
) -> None:
    quiz = parse_quiz(
        {
            "title": "Pictures",
            "language": "en",
            "questions": [pictured(UPLOADED), pictured("https://elsewhere.example/cat.png")],
        }
    )
    async with running_gateway(stores, servers.kafka_bootstrap, media_url=CDN) as gateway:
        show = await open_show(stores, quiz)
        ann = await (await connect(gateway)).join(show.pin, "Ann")
        await show.open_question()
        (question,) = await ann.hears("question")
        assert question["media"] == {"url": CDN + UPLOADED, "alt": "An animal"}
        sound = {"url": CDN + UPLOADED, "text": "A miaow", "duration_ms": 900}
        assert question["audio"] == sound
        assert question["options"] == ["A cat", "A dog"]
        assert question["option_media"] == [{"url": CDN + UPLOADED, "alt": "Grey"}, None]

        back = await connect(gateway, token=ann.token)
        (snapshot,) = await back.hears("snapshot")
        assert snapshot["question"]["media"]["url"] == CDN + UPLOADED
        assert snapshot["question"]["audio"] == sound
        assert snapshot["question"]["option_media"] == question["option_media"]

        await show.close_question()
        await show.reveal()
        await show.open_question()
        (question,) = await back.hears("question")
        assert question["media"]["url"] == "https://elsewhere.example/cat.png"
        await ann.close()
        await back.close()
