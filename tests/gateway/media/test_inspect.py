from __future__ import annotations

import hashlib
import random
import time

import pytest

from gateway.media.inspect import inspect
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.media.pictures import AVIF, GIF, JPEG, WEBP, png, turned

ANY = {
    "image/png": png(),
    "image/jpeg": JPEG,
    "image/gif": GIF,
    "image/webp": WEBP,
    "image/avif": AVIF,
}


@pytest.mark.parametrize("kind", list(ANY))
def test_a_picture_is_known_by_its_bytes(kind: str) -> None:
    picture = inspect(ANY[kind])
    assert (picture.type, picture.width, picture.height) == (kind, 3, 2)
    assert picture.id == hashlib.sha256(ANY[kind]).hexdigest()


def test_a_turned_photo_has_its_sides_as_shown() -> None:
    picture = inspect(turned())
    assert (picture.width, picture.height) == (2, 3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"picture",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='3' height='2'><script/></svg>",
        b"<?xml version='1.0'?><svg width='3' height='2'/>",
        b"<html><script>alert(1)</script></html>",
        b"BM" + bytes(70),
        b"%PDF-1.7",
        b"RIFF\x24\0\0\0WAVEfmt ",
        AVIF.replace(b"avif", b"heic"),
        png()[:20],
        JPEG[:60],
        GIF[:8],
        WEBP[:16],
        AVIF[:40],
        png(0, 5),
    ],
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(QuizrunError) as refused:
        inspect(content)
    assert refused.value.code is ErrorCode.MEDIA_INVALID


@pytest.mark.parametrize(("width", "height"), [(8_001, 10), (10, 8_001), (6_000, 6_000)])
def test_a_picture_that_would_fill_a_phones_memory_is_refused(width: int, height: int) -> None:
    with pytest.raises(QuizrunError) as refused:
        inspect(png(width, height))
    assert refused.value.code is ErrorCode.MEDIA_INVALID
    assert f"{width:,}" in refused.value.message
    inspect(png(5_000, 5_000))


@pytest.mark.parametrize("kind", list(ANY))
def test_damage_is_refused_or_harmless_and_never_a_fault(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(300):
        content = bytearray(ANY[kind])
        for _ in range(chance.randrange(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            picture = inspect(bytes(content[: chance.randrange(len(content) + 1)]))
        except QuizrunError as error:
            assert error.code is ErrorCode.MEDIA_INVALID
        else:
            assert min(picture.width, picture.height) >= 1
            assert max(picture.width, picture.height) <= 8_000


@pytest.mark.parametrize(
    "content",
    [
        JPEG[:20] + b"\xff\xe1\0\x02" * 499_000,
        JPEG[:20] + b"\xff" * 1_999_000,
        AVIF[:32] + b"\0\0\0\x08free" * 249_000,
        AVIF[:32] + b"\0\x1e\x84\x20meta\0\0\0\0" + b"\0\0\0\x08iinf" * 249_000,
        WEBP[:12] + b"ALPH\0\0\0\0" * 249_000,
    ],
)
def test_two_megabytes_made_to_keep_us_busy_do_not(content: bytes) -> None:
    began = time.process_time()
    with pytest.raises(QuizrunError) as refused:
        inspect(content)
    assert refused.value.code is ErrorCode.MEDIA_INVALID
    assert time.process_time() - began < 5
