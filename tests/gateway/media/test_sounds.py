"""Detection of sounds, and the cost of hostile ones."""

from __future__ import annotations

import hashlib
import random
import struct
import time
import tracemalloc

import pytest

from gateway.media.inspect import UploadLimits, inspect
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.media.sounds import FRAGMENTED, M4A, MP3, OPUS, TITLE, ogg_page, wav

ANY = {"audio/mpeg": MP3, "audio/ogg": OPUS, "audio/mp4": M4A, "audio/wav": wav()}
M4A_HEAD = b"\0\0\0\x10ftypM4A \0\0\0\0"


def refused(content: bytes) -> QuizrunError:
    with pytest.raises(QuizrunError) as error:
        inspect(content)
    assert error.value.code is ErrorCode.MEDIA_INVALID
    return error.value


@pytest.mark.parametrize("kind", list(ANY))
def test_a_sound_is_detected_by_content(kind: str) -> None:
    sound = inspect(ANY[kind])
    assert (sound.type, sound.width, sound.height) == (kind, 0, 0)
    assert sound.duration_ms is not None
    assert 250 <= sound.duration_ms <= 330
    assert sound.id == hashlib.sha256(sound.content).hexdigest()


@pytest.mark.parametrize("kind", ["audio/mpeg", "audio/mp4", "audio/wav"])
def test_a_sound_is_stored_without_its_tags(kind: str) -> None:
    tagged = ANY[kind] if TITLE in ANY[kind] else ANY[kind].replace(b"Lavf", TITLE[:4])
    clean = inspect(tagged)
    assert TITLE[:4] not in clean.content
    again = inspect(clean.content)
    assert (again.id, again.duration_ms) == (clean.id, clean.duration_ms)


def test_tags_at_both_ends_of_an_mp3_are_stripped() -> None:
    bare = inspect(MP3).content
    cover = b"ID3\4\0\0" + bytes([0, 0, 8, 0]) + b"APIC" + bytes(1_020)
    ape = bytes(40) + b"APETAGEX" + struct.pack("<4L8x", 2_000, 72, 1, 0)
    assert inspect(cover + cover + bare + ape + b"TAG" + bytes(125)).content == bare


def test_a_streamed_recording_has_no_duration() -> None:
    sound = inspect(FRAGMENTED)
    assert (sound.type, sound.duration_ms) == ("audio/mp4", None)


@pytest.mark.parametrize(
    "content",
    [
        wav(codec=7),
        wav(0),
        b"RIFF\0\0\0\0WAVE",
        b"ID3\3\0\0\x7f\x7f\x7f\x7f" + bytes(500),
        b"ID3",
        b"ID3\3\0\0\0\0\0\x02??<html><script>alert(1)</script>",
        b"\xff\xfb\x90\0" + bytes(100),
        b"\xff\xf1\x50\x80" + bytes(500),
        b"OggS",
        ogg_page(0, b"\x7fFLAC\1\0\0\1fLaC" + bytes(38)),
        ogg_page(0, b"\x80theora" + bytes(30)),
        M4A_HEAD,
        M4A.replace(b"mp4a", b"alac"),
        M4A[:200],
        b"fLaC" + bytes(200),
        b"\x1aE\xdf\xa3webm",
        b"MThd\0\0\0\6",
        b"#!AMR\n" + bytes(30),
    ],
)
def test_sounds_that_browsers_cannot_play_are_rejected(content: bytes) -> None:
    refused(content)


def test_a_sound_lasts_ten_minutes_at_most() -> None:
    assert inspect(wav(600_000)).duration_ms == 600_000
    assert "10 minutes" in refused(wav(600_500)).message


@pytest.mark.parametrize("kind", list(ANY))
def test_damaged_files_never_cause_an_internal_error(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(300):
        content = bytearray(ANY[kind])
        for _ in range(chance.randrange(1, 12)):
            content[chance.randrange(min(200, len(content)))] = chance.randrange(256)
        for damaged in (bytes(content), ANY[kind][: chance.randrange(len(content))]):
            try:
                inspect(damaged)
            except QuizrunError as error:
                assert error.code is ErrorCode.MEDIA_INVALID


HOSTILE = {
    "pages": OPUS + ogg_page(1) * 170_000,
    "packets": ogg_page(0, OPUS[28:47]) + (b"OggS\0\0" + bytes(20) + b"\xff" + bytes(255)) * 17_000,
    "boxes": M4A_HEAD + b"\0\0\0\x08free" * 600_000,
    "nests": M4A_HEAD + b"\0\0\0\x08moov" * 600_000,
    "chunks": b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 600_000,
    "syncs": inspect(MP3).content[:4] + b"\xff\0\0\0" * 1_200_000,
    "tags": b"ID3\3\0\0\0\0\0\0" * 500_000,
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_costs_little(name: str) -> None:
    started = time.process_time()
    refused(HOSTILE[name])
    assert time.process_time() - started < 2.5  # without limits, these take up to a minute
    tracemalloc.start()
    refused(HOSTILE[name])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5 * len(HOSTILE[name])


def test_sounds_may_be_larger_than_pictures() -> None:
    limits = UploadLimits(picture=2, sound=5)
    assert (limits.of("image/png"), limits.of("audio/ogg"), limits.largest) == (2, 5, 5)
