from __future__ import annotations

import asyncio
import hashlib

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Accounts
from db.ids import new_id
from db.media import Content, Media, NewUpload, Quota, Upload, Usage
from quiz.errors import ErrorCode, QuizrunError
from tests.db.make import NOW

ROOMY = Quota(100, 1_000_000)


def picture(content: bytes) -> NewUpload:
    return NewUpload(hashlib.sha256(content).hexdigest(), "image/png", 3, 2, content)


def fresh() -> NewUpload:
    return picture(new_id().encode())


async def owner(engine: AsyncEngine) -> str:
    return (await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")).id


async def test_a_picture_comes_back_as_it_was(engine: AsyncEngine) -> None:
    media, ada, new = Media(engine), await owner(engine), picture(bytes(range(256)) * 7_000)
    stored = await media.add(ada, new, Quota(1, 2_000_000), NOW)
    assert stored == Upload(new.id, "image/png", 3, 2, 1_792_000, NOW)
    assert await media.content(new.id) == Content("image/png", new.content)
    assert await media.page(ada, 10, 0) == ([stored], Usage(1, 0, 1_792_000))
    assert await media.content("0" * 64) is None


async def test_the_same_picture_is_stored_and_counted_once(engine: AsyncEngine) -> None:
    media, ada, bob, new = Media(engine), await owner(engine), await owner(engine), fresh()
    tries = (media.add(account, new, Quota(1, 100), NOW) for account in [ada, bob] * 10)
    stored = await asyncio.gather(*tries)
    assert len(set(stored)) == 1
    assert (await media.page(ada, 10, 0))[1] == Usage(1, 0, 36)
    later = await media.add(ada, new, Quota(1, 36), NOW + 5)
    assert later.created_at == NOW


async def test_the_quota_holds_under_concurrent_uploads(engine: AsyncEngine) -> None:
    media, ada = Media(engine), await owner(engine)
    tries = (media.add(ada, fresh(), Quota(3, 1_000), NOW) for _ in range(8))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, QuizrunError)]
    assert [each.code for each in refused] == [ErrorCode.MEDIA_QUOTA_REACHED] * 5
    assert (await media.page(ada, 10, 0))[1].pictures == 3
    with pytest.raises(QuizrunError):  # 3 · 36 bytes, and 36 more
        await media.add(ada, fresh(), Quota(9, 143), NOW)
    await media.add(ada, fresh(), Quota(9, 144), NOW)


async def test_a_picture_is_deleted_when_its_last_owner_removes_it(engine: AsyncEngine) -> None:
    media, ada, bob, new = Media(engine), await owner(engine), await owner(engine), fresh()
    for account in (ada, bob):
        await media.add(account, new, ROOMY, NOW)
    await media.remove(ada, new.id)
    assert await media.content(new.id) is not None
    assert await media.page(ada, 10, 0) == ([], Usage(0, 0, 0))
    with pytest.raises(QuizrunError) as refused:
        await media.remove(ada, new.id)
    assert refused.value.code is ErrorCode.NOT_FOUND
    await media.remove(bob, new.id)
    assert await media.content(new.id) is None


async def test_a_picture_survives_a_concurrent_upload_and_removal(
    engine: AsyncEngine,
) -> None:
    media, ada, bob = Media(engine), await owner(engine), await owner(engine)
    for _ in range(20):
        new = fresh()
        await media.add(ada, new, ROOMY, NOW)
        await asyncio.gather(media.remove(ada, new.id), media.add(bob, new, ROOMY, NOW))
        assert await media.content(new.id) is not None


async def test_pictures_are_listed_last_first(engine: AsyncEngine) -> None:
    media, ada = Media(engine), await owner(engine)
    stored = [await media.add(ada, fresh(), ROOMY, NOW + n) for n in range(3)]
    assert await media.page(ada, 2, 0) == (stored[:0:-1], Usage(3, 0, 108))
    assert await media.page(ada, 2, 2) == (stored[:1], Usage(3, 0, 108))
