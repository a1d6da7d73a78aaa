from __future__ import annotations

import orjson

from tests.gateway.live.client import Client
from tests.gateway.live.conftest import Connect
from tests.gateway.live.stage import Show


def before_reveal(client: Client, question: int) -> str:
    """All that a client was sent up to the reveal of `question`."""
    texts = []
    for heard in client.heard:
        if heard.event == "reveal" and heard.args[0]["question"] == question:
            break
        texts.append(orjson.dumps(heard.args).decode())
    return "\n".join(texts)


async def test_no_solution_reaches_a_player_before_the_reveal(connect: Connect, show: Show) -> None:
    first = await (await connect()).join(show.pin, "Ann")
    bystander = await (await connect()).join(show.pin, "Bob")
    for index in range(show.state.question_count):
        await show.open_question()
        await bystander.hears("question", count=index + 1)
        ann = await connect(token=first.token)
        await ann.hears("snapshot")
        await show.close_question()
        await show.reveal()
        common, _ = await ann.hears("reveal")
        assert "solution" in common
        await bystander.hears("reveal", count=index + 1)
        opened = bystander.all("question")[index].args
        told = before_reveal(ann, index) + orjson.dumps(opened).decode()
        for secret in ("solution", "correct", "accepted", "tolerance", "explanation"):
            assert f'"{secret}"' not in told, (index, secret)
        assert show.seed not in told
        await ann.close()


async def test_the_order_question_is_shuffled_alike_for_all_and_not_given_away(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    show.state = show.state.model_copy(update={"question": 4})
    await show.open_question()
    (question,) = await ann.hears("question")
    assert question == (await bob.hears("question"))[0]
    written = ["Ur", "Rome", "Paris", "Brasília"]
    assert sorted(question["options"]) == sorted(written)
    right = [question["options"].index(option) for option in written]
    assert (await ann.answer(5, right))["ok"]
    await show.close_question()
    await show.reveal()
    common, own = await ann.hears("reveal")
    assert common["solution"] == right
    assert own["correct"] is True
