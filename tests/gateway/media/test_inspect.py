from __future__ import annotations

import hashlib
import random
import struct
import time
import tracemalloc

import pytest

from gateway.media.inspect import inspect
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.media.bombs import BOMBS, MOST_BYTES, PRIMARY, avif, box
from tests.gateway.media.pictures import AVIF, GIF, JPEG, WEBP, png, turned

ANY = {
    "image/png": png(),
    "image/jpeg": JPEG,
    "image/gif": GIF,
    "image/webp": WEBP,
    "image/avif": AVIF,
}


@pytest.mark.parametrize("kind", list(ANY))
def test_a_picture_is_detected_by_content(kind: str) -> None:
    picture = inspect(ANY[kind])
    assert (picture.type, picture.width, picture.height) == (kind, 3, 2)
    assert picture.id == hashlib.sha256(ANY[kind]).hexdigest()


def test_a_rotated_photo_has_its_displayed_dimensions() -> None:
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
def test_anything_else_is_rejected(content: bytes) -> None:
    with pytest.raises(QuizrunError) as refused:
        inspect(content)
    assert refused.value.code is ErrorCode.MEDIA_INVALID


@pytest.mark.parametrize(("width", "height"), [(8_001, 10), (10, 8_001), (6_000, 6_000)])
def test_a_picture_too_large_for_a_phones_memory_is_rejected(width: int, height: int) -> None:
    with pytest.raises(QuizrunError) as refused:
        inspect(png(width, height))
    assert refused.value.code is ErrorCode.MEDIA_INVALID
    assert f"{width:,}" in refused.value.message
    inspect(png(5_000, 5_000))


@pytest.mark.parametrize("kind", list(ANY))
def test_damaged_files_never_cause_an_internal_error(kind: str) -> None:
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


@pytest.mark.parametrize("name", list(BOMBS))
def test_bombs_are_rejected_cheaply(name: str) -> None:
    assert len(BOMBS[name]) <= MOST_BYTES
    began = time.process_time()
    with pytest.raises(QuizrunError) as refused:
        inspect(BOMBS[name])
    took_s = time.process_time() - began
    assert refused.value.code is ErrorCode.MEDIA_INVALID
    assert took_s < 0.5
    tracemalloc.start()
    try:
        with pytest.raises(QuizrunError):
            inspect(BOMBS[name])
        assert tracemalloc.get_traced_memory()[1] < 300_000
    finally:
        tracemalloc.stop()


def _webp(chunk: bytes) -> bytes:
    return WEBP[:12] + chunk + bytes(20)


@pytest.mark.parametrize(
    "content",
    [
        _webp(b"VP8X" + struct.pack("<LLHBHB", 10, 0, 2, 0, 1, 0)),
        _webp(b"VP8L" + struct.pack("<LBL", 5, 0x2F, 2 | 1 << 14)),
        JPEG[:2] + b"\xff\xff\xff\xfe\0\x04ab" + JPEG[2:],
        JPEG[:20] + b"garbage" + JPEG[20:],
        JPEG.replace(b"\xff\xc0", b"\xff\xc2"),
        AVIF.replace(b"mif1", b"msf1"),
    ],
    ids=["extended", "lossless", "fill and comment", "garbage", "progressive", "brands"],
)
def test_dimensions_are_found_in_every_variant(content: bytes) -> None:
    picture = inspect(content)
    assert (picture.width, picture.height) == (3, 2)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("orientation", "swapped"), [(1, False), (3, False), (5, True), (8, True)])
def test_exif_of_either_byte_order_rotates_a_photo(
    order: str, orientation: int, swapped: bool
) -> None:
    picture = inspect(turned(orientation, order))
    assert (picture.width, picture.height) == ((2, 3) if swapped else (3, 2))


@pytest.mark.parametrize(("angle", "swapped"), [(0, False), (1, True), (2, False), (3, True)])
def test_an_avif_is_rotated_by_its_property(angle: int, swapped: bool) -> None:
    ispe, irot = box(b"ispe", struct.pack(">LLL", 0, 3, 2)), box(b"irot", bytes([angle]))
    associations = box(b"ipma", struct.pack(">LLHBBB", 0, 1, 1, 2, 1, 0x82))
    content = avif(PRIMARY, box(b"iprp", box(b"ipco", ispe + irot) + associations))
    picture = inspect(content)
    assert (picture.width, picture.height) == ((2, 3) if swapped else (3, 2))


def test_an_avif_has_the_dimensions_of_its_primary_item() -> None:
    thumbnail = box(b"ispe", struct.pack(">LLL", 0, 1, 1))
    whole = box(b"ispe", struct.pack(">LLL", 0, 3, 2))
    associations = struct.pack(">LLLBHLBH", 0x01000001, 2, 7, 1, 1, 9, 1, 0x8002)
    content = avif(
        box(b"pitm", struct.pack(">LL", 0x01000000, 9)),
        box(b"iprp", box(b"ipco", thumbnail + whole) + box(b"ipma", associations)),
    )
    picture = inspect(content)
    assert (picture.width, picture.height) == (3, 2)
