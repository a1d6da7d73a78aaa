"""Quiz archives round-trip, and archives from elsewhere are read within limits."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from typing import Any

import orjson
import pytest

from db.media import Content
from gateway.archive.reading import Imported, read_archive
from gateway.archive.writing import write_archive
from gateway.media.inspect import UploadLimits, inspect
from quiz.content import parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.media.pictures import GIF, png
from tests.gateway.media.sounds import MP3, wav

PICTURE = hashlib.sha256(png()).hexdigest()
DRAWING = hashlib.sha256(GIF).hexdigest()
MB = 1_000_000


def quiz(*urls: str, **changes: Any) -> dict[str, Any]:
    """A question whose options are the pictures at `urls`; it also shows the first one."""
    pictures = [{"url": url, "alt": f"Picture {at}"} for at, url in enumerate(urls)]
    question = {
        "type": "poll",
        "text": "Which?",
        "media": pictures[0],
        "options": [f"Picture {at}" for at in range(len(pictures))],
        "option_media": pictures,
    }
    return {"title": "Pictures", "language": "en", "questions": [question], **changes}


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return archive.getvalue()


def read(content: bytes) -> Imported:
    return read_archive(content, UploadLimits(2 * MB, 2 * MB), 3 * MB)


def refused(content: bytes) -> QuizrunError:
    with pytest.raises(QuizrunError) as error:
        read(content)
    return error.value


def test_a_quiz_round_trips_with_its_pictures() -> None:
    document = quiz(f"/media/{PICTURE}", f"/media/{DRAWING}", "https://example.org/a.png")
    media = {PICTURE: Content("image/png", png()), DRAWING: Content("image/gif", GIF)}
    archive = write_archive(document, media)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == [
            "quiz.json",
            *sorted([f"media/{PICTURE}.png", f"media/{DRAWING}.gif"]),
        ]
    back = read(archive)
    assert back.quiz == parse_quiz(document)
    assert {picture.id for picture in back.media} == {PICTURE, DRAWING}
    assert write_archive(document, media) == archive


def test_sounds_are_included() -> None:
    sound = inspect(MP3)
    document = quiz(f"/media/{PICTURE}", f"/media/{DRAWING}")
    document["questions"][0]["audio"] = {"url": f"/media/{sound.id}", "text": "A tone"}
    archive = write_archive(document, {sound.id: Content("audio/mpeg", sound.content)})
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == ["quiz.json", f"media/{sound.id}.mp3"]
    back = read(archive)
    assert back.quiz == parse_quiz(document)
    assert [(file.id, file.type) for file in back.media] == [(sound.id, "audio/mpeg")]


def test_each_kind_of_file_has_its_own_limit() -> None:
    document = quiz("media/a.png", "media/a.png")
    document["questions"][0]["audio"] = {"url": "media/b.wav"}
    large = {"media/a.png": png() + bytes(MB), "media/b.wav": wav(150_000)}
    for limits, refused_file in (
        (UploadLimits(picture=2 * MB, sound=2 * MB), None),
        (UploadLimits(picture=MB, sound=2 * MB), "a.png"),
        (UploadLimits(picture=2 * MB, sound=MB), "b.wav"),
    ):
        archive = packed({"quiz.json": orjson.dumps(document), **large})
        if refused_file is None:
            read_archive(archive, limits, 9 * MB)
            continue
        with pytest.raises(QuizrunError, match="too large") as error:
            read_archive(archive, limits, 9 * MB)
        assert refused_file in error.value.message


def test_an_archive_made_by_hand_is_read() -> None:
    files = {
        "quiz.json": orjson.dumps(quiz("media/A bee.png", "media/wasp.png")),
        "media/A bee.png": png(),
        "media/wasp.png": png(),
        "media/not shown.txt": b"?",
        "__MACOSX/._quiz.json": b"",
        "media/.DS_Store": b"",
    }
    back = read(packed(files))
    assert [picture.id for picture in back.media] == [PICTURE]
    assert {place.url for place in back.quiz.questions[0].option_media} == {f"/media/{PICTURE}"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"quiz.json": b"{"}, "not valid JSON"),
        ({"media/a.png": b""}, "no quiz.json"),
        ({"quiz.json": b"{}", "../../etc/passwd": b"root"}, "does not belong"),
        ({"quiz.json": b"{}", "media/../a.png": b""}, "does not belong"),
        ({"quiz.json": b"{}", "/media/a.png": b""}, "does not belong"),
        ({"quiz.json": b"{}", "run.exe": b"MZ"}, "does not belong"),
        ({"quiz.json": orjson.dumps(quiz("media/a.png", "media/b.png"))}, "not in the archive"),
        ({"quiz.json": b'{"title":"\\u0000","questions":[]}'}, "U+0000"),
        ({"quiz.json": b"[" * 100_001}, "more than 100,000 values"),
        ({f"media/{at}": b"" for at in range(1_001)}, "more than 1,000 files"),
    ],
)  # fmt: skip
def test_invalid_archives_are_rejected(files: dict[str, bytes], words: str) -> None:
    error = refused(packed(files))
    assert error.code is ErrorCode.IMPORT_INVALID
    assert words in error.message


def test_an_invalid_picture_is_named() -> None:
    pictures = {"media/a.png": b"<svg onload=alert(1)>", "media/b.png": png()}
    error = refused(packed({"quiz.json": orjson.dumps(quiz(*pictures)), **pictures}))
    assert error.code is ErrorCode.MEDIA_INVALID
    assert error.message.startswith("“media/a.png”: ")


def test_an_invalid_quiz_is_rejected() -> None:
    error = refused(packed({"quiz.json": orjson.dumps({"title": "", "questions": []})}))
    assert error.code is ErrorCode.QUIZ_INVALID


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = packed({"quiz.json": b" " * (2 * MB + 1)})
    assert len(bomb) < 5_000
    assert "too large" in refused(bomb).message

    many = {f"media/{at}.png": png() + b"\0" * 1_500_000 for at in range(3)}
    document = orjson.dumps(quiz(*many))
    assert "too large" in refused(packed({"quiz.json": document, **many})).message


def test_a_file_larger_than_declared_is_rejected() -> None:
    honest = packed({"quiz.json": b" " * MB})
    size = struct.pack("<L", MB)
    lying = honest.replace(size, struct.pack("<L", 100))
    assert lying != honest
    assert refused(lying).code is ErrorCode.IMPORT_INVALID


@pytest.mark.parametrize("length", [0, 1, 21, 22, 60, 200])
def test_a_truncated_archive_is_rejected(length: int) -> None:
    whole = packed({"quiz.json": orjson.dumps(quiz("media/a", "media/b")), "media/a": png()})
    assert "damaged" in refused(whole[:length]).message


def test_a_directory_of_excessive_declared_size_is_not_read() -> None:
    archive = packed({"quiz.json": b"{}"})
    endless = archive[:-14] + struct.pack("<HHL", 0xFFFF, 0xFFFF, 0x7FFFFFFF) + archive[-6:]
    assert "more than 1,000 files" in refused(endless).message
