"""The secret is replaced in a rolling restart, and nobody is signed out."""

from __future__ import annotations

from typing import Any

from db.totp import Totps
from gateway.factors.resealing import Resealed, reseal
from gateway.keys import KeyRing
from tests.gateway.http.conftest import MakeApi, assert_problem
from tests.gateway.http.test_passkeys import a_browser, credentials, registered
from tests.gateway.http.test_second_factor import Host, second_step

OLD, NEW = "the old secret".ljust(40, "."), "the new secret".ljust(40, ".")
STEPS: tuple[dict[str, Any], ...] = (
    {"secret": OLD},
    {"secret": OLD, "accepted_secrets": (NEW,)},
    {"secret": NEW, "accepted_secrets": (OLD,)},
)


async def test_nobody_is_signed_out_by_a_new_secret(make_api: MakeApi) -> None:
    async with make_api(**STEPS[0]) as first, a_browser(first) as browser:
        host = Host(await registered(browser), browser)
        await host.set_up_app()
        held = [(await browser.post("/auth/refresh")).json()["access_token"]]
        players = [first.services.sign_in.tokens.sign_player_token("run", "bob")]
        for settings in STEPS[1:]:
            async with make_api(**settings) as after, a_browser(after) as client:
                # Renewed at one gateway, then at the other: the same successor.
                client.cookies.update(browser.cookies)
                held.append((await client.post("/auth/refresh")).json()["access_token"])
                if settings != STEPS[-1]:  # the first one does not know the new secret
                    response = await browser.post("/auth/refresh")
                    assert response.status_code == 200
                browser.cookies.update(client.cookies)
                for token in held:
                    bearer = {"Authorization": f"Bearer {token}"}
                    assert (await client.get("/me", headers=bearer)).status_code == 200
                tokens = after.services.sign_in.tokens
                players.append(tokens.sign_player_token("run", "bob"))
                assert {tokens.verify_player_token(each) for each in players} == {("run", "bob")}

    async with make_api(**STEPS[-1]) as api:
        done = await reseal(Totps(api.engine), KeyRing(NEW, OLD))
        assert done.changed >= 1
        again = await reseal(Totps(api.engine), KeyRing(NEW, OLD))
        assert again == Resealed(done.total, 0, done.unreadable)

    async with make_api(secret=NEW) as last, a_browser(last) as elsewhere:
        elsewhere.cookies.update(browser.cookies)
        assert (await elsewhere.post("/auth/refresh")).status_code == 200
        for token, status in zip(held, (401, 401, 200), strict=True):
            response = await elsewhere.get("/me", headers={"Authorization": f"Bearer {token}"})
            assert response.status_code == status
        elsewhere.cookies.clear()
        response = await elsewhere.post("/auth/login", json=credentials(host.account))
        offer = assert_problem(response, 401, "second_factor_required")["second_factor"]
        assert (await second_step(elsewhere, offer, code=host.code())).status_code == 200
